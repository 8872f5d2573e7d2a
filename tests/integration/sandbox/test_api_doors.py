"""Keys, versions, unknown addresses and parameters: refused as Stripe refuses them."""

import base64
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import stripe

from tests.integration.sandbox.process import KEY, SandboxProcess, error_of, line, monthly_params, session_params

MINIMAL = urlencode(
    {
        "mode": "payment",
        "success_url": "https://example.org/",
        "line_items[0][price_data][currency]": "gbp",
        "line_items[0][price_data][unit_amount]": "1000",
        "line_items[0][price_data][product_data][name]": "Donation",
    }
)


@pytest.mark.parametrize(
    ("key", "words"),
    [("sk_test_wrong", "Invalid API Key"), ("sk_live_abc", "live key"), ("rk_live_abc", "live key")],
)
def test_other_keys_are_refused(shared: SandboxProcess, key: str, words: str) -> None:
    with pytest.raises(stripe.AuthenticationError, match=words) as refusal:
        shared.client(key).v1.events.list()
    assert refusal.value.http_status == 401
    assert (refusal.value.request_id or "").startswith("req_")


def test_no_key_is_refused_even_where_nothing_is(shared: SandboxProcess) -> None:
    for path in ("/v1/events", "/v1/no_such_thing"):
        assert shared.http.get(shared.url + path).status_code == 401


def test_basic_authentication_works(shared: SandboxProcess) -> None:
    token = base64.b64encode(f"{KEY}:".encode()).decode()
    response = shared.http.get(f"{shared.url}/v1/events", headers={"Authorization": f"Basic {token}"})
    assert response.status_code == 200
    assert response.headers["Stripe-Version"] == "2026-10-28.endive"
    assert response.headers["Request-Id"].startswith("req_")


def test_another_api_version_is_refused(shared: SandboxProcess) -> None:
    response = shared.post("/v1/checkout/sessions", MINIMAL, **{"Stripe-Version": "2020-08-27"})
    assert response.status_code == 400
    assert "Invalid Stripe API version" in error_of(response)["message"]


def test_unknown_address(shared: SandboxProcess) -> None:
    response = shared.post("/v1/payment_links", "a=b")
    assert response.status_code == 404
    assert error_of(response)["message"].startswith("Unrecognized request URL (POST: /v1/payment_links)")


def test_missing_objects_are_404(shared: SandboxProcess) -> None:
    client = shared.client()
    for retrieve in (
        client.v1.checkout.sessions.retrieve,
        client.v1.payment_intents.retrieve,
        client.v1.charges.retrieve,
        client.v1.balance_transactions.retrieve,
        client.v1.refunds.retrieve,
        client.v1.disputes.retrieve,
        client.v1.events.retrieve,
        client.v1.customers.retrieve,
        client.v1.subscriptions.retrieve,
        client.v1.invoices.retrieve,
        client.v1.invoice_payments.retrieve,
        client.v1.payment_methods.retrieve,
    ):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            retrieve("xx_none")
        assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("more", "param", "message"),
    [
        ("&surprise=1", "surprise", "Received unknown parameter: surprise"),
        ("&a=1&b[c]=2", "a", "Received unknown parameters: a, b"),
        ("&payment_method_types[]=card", "payment_method_types", "Received unknown parameter: payment_method_types"),
        (
            "&line_items[0][price_data][amount]=5",
            "line_items[0][price_data][amount]",
            "Received unknown parameter: line_items[0][price_data][amount]",
        ),
        (
            "&payment_intent_data[capture]=x",
            "payment_intent_data[capture]",
            "Received unknown parameter: payment_intent_data[capture]",
        ),
    ],
)
def test_unknown_parameters_are_refused(shared: SandboxProcess, more: str, param: str, message: str) -> None:
    response = shared.post("/v1/checkout/sessions", MINIMAL + more)
    assert response.status_code == 400
    assert error_of(response) == {
        "type": "invalid_request_error",
        "code": "parameter_unknown",
        "param": param,
        "message": message,
    }


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ("mode=payment", "parameter_missing", "line_items"),
        (MINIMAL.replace("1000", "10.00"), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        (MINIMAL.replace("1000", quote("١٠٠٠")), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        (MINIMAL.replace("1000", "-1000"), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        (MINIMAL + "&customer_email=nobody", "email_invalid", "customer_email"),
        (MINIMAL + "&cancel_url=javascript:alert(1)", "url_invalid", "cancel_url"),
        (MINIMAL + "&cancel_url=", "parameter_invalid_empty", "cancel_url"),
    ],
)
def test_wrong_values_are_refused(shared: SandboxProcess, body: str, code: str, param: str) -> None:
    response = shared.post("/v1/checkout/sessions", body)
    assert response.status_code == 400
    assert (error_of(response)["code"], error_of(response)["param"]) == (code, param)


@pytest.mark.parametrize("body", ["a=%ff", "a[b=1", "a=1&a[b]=2", "=x", "[a]=1", "a\x00=1"])
def test_broken_bodies_are_400(shared: SandboxProcess, body: str) -> None:
    assert shared.post("/v1/checkout/sessions", body).status_code == 400


def test_json_is_refused(shared: SandboxProcess) -> None:
    response = shared.post("/v1/checkout/sessions", "{}", **{"Content-Type": "application/json"})
    assert response.status_code == 400


def test_modes_it_does_not_have(shared: SandboxProcess) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not have mode=") as refusal:
        shared.client().v1.checkout.sessions.create(session_params(mode="setup"))  # type: ignore[arg-type]
    assert refusal.value.param == "mode"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (session_params(mode="subscription"), "can not pass `payment_intent_data` in `subscription` mode"),
        (monthly_params(mode="payment"), "can not pass `subscription_data` in `payment` mode"),
        (monthly_params(line_items=[line(1000)]), "at least one recurring price"),
        (session_params(line_items=monthly_params()["line_items"]), "but passed a recurring price"),
        (monthly_params(customer="cus_none", customer_email="a@example.org"), "only specify one of these parameters"),
    ],
)
def test_what_does_not_go_with_a_mode_is_refused(shared: SandboxProcess, params: dict[str, Any], words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words):
        shared.client().v1.checkout.sessions.create(params)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "metadata",
    [{"k" * 41: "v"}, {"k": "v" * 501}, {f"k{number}": "v" for number in range(51)}],
)
def test_metadata_limits(shared: SandboxProcess, metadata: dict[str, str]) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Metadata"):
        shared.session(metadata=metadata)


def test_metadata_at_its_limits_survives(shared: SandboxProcess) -> None:
    metadata = {f"{number:040d}": "ü" * 500 for number in range(50)}
    session = shared.session(metadata=metadata)
    assert session.metadata is not None
    assert session.metadata.to_dict() == metadata


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (29, "gbp", "amount_too_small"),
        (49, "eur", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (17499, "huf", "amount_too_small"),
        (100_000_000, "gbp", "amount_too_large"),
        (1005, "kwd", None),
        (1050, "isk", None),
        (1000, "xxx", None),
    ],
)
def test_amounts_stripe_would_not_charge(shared: SandboxProcess, amount: int, currency: str, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shared.session(line_items=[line(amount, currency)])
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (30, "gbp", "£0.30"),
        (123456, "eur", "€1,234.56"),
        (1000, "jpy", "¥1,000"),
        (1010, "kwd", "1.010 KWD"),
        (1000, "isk", "10 ISK"),
        (17500, "huf", "175.00 HUF"),
    ],
)
def test_amounts_are_shown_in_their_currency(shared: SandboxProcess, amount: int, currency: str, shown: str) -> None:
    session = shared.session(line_items=[line(amount, currency)])
    assert (session.amount_total, session.currency) == (amount, currency)
    assert session.url is not None
    assert f"Pay {shown}</button>" in shared.http.get(session.url).text
