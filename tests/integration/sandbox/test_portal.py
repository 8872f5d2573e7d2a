"""The customer portal: what a customer sees and may do there, and who may not."""

from typing import Any

import pytest
import requests
import stripe

from tests.integration.sandbox.process import CARD, Receiver, SandboxProcess, monthly_params

BACK = "http://127.0.0.1:9/giving"


def customer_of(sandbox: SandboxProcess, paid: dict[str, Any]) -> str:
    customer = sandbox.client().v1.subscriptions.retrieve(paid["subscription"]).customer
    assert isinstance(customer, str)
    return customer


def portal_of(sandbox: SandboxProcess, paid: dict[str, Any], **more: Any) -> stripe.billing_portal.Session:
    params: Any = {"customer": customer_of(sandbox, paid), "return_url": BACK, **more}
    return sandbox.client().v1.billing_portal.sessions.create(params)


def press(sandbox: SandboxProcess, url: str, **fields: str) -> requests.Response:
    return sandbox.http.post(url, data=fields, allow_redirects=False)


def test_a_customer_sees_gift_card_and_payments(sandbox: SandboxProcess) -> None:
    paid = sandbox.subscribed(1036)
    session = portal_of(sandbox, paid)
    assert session.url.startswith(f"{sandbox.url}/p/session/test_")
    page = sandbox.http.get(session.url)
    for words in ("Sandbox: no real money", "£10.36", "every month", "Next payment on", "Visa ending in 4242", BACK):
        assert words in page.text
    assert "<script" not in page.text
    assert "form-action 'self' http://127.0.0.1:9" in page.headers["Content-Security-Policy"]
    assert (page.headers["Cache-Control"], page.headers.get("Set-Cookie")) == ("no-store", None)


def test_cancelling_and_taking_it_back(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed()
    url = portal_of(sandbox, paid).url
    asked = sandbox.http.get(f"{url}/cancel/{paid['subscription']}")
    assert "will not be charged any more" in asked.text
    assert press(sandbox, f"{url}/cancel/{paid['subscription']}").status_code == 303
    assert "it ends on" in sandbox.http.get(url).text
    event = receiver.wait_for("customer.subscription.updated", 2).data.object
    assert (event["cancel_at_period_end"], event["status"]) == (True, "active")
    press(sandbox, f"{url}/keep/{paid['subscription']}")
    assert sandbox.client().v1.subscriptions.retrieve(paid["subscription"]).cancel_at_period_end is False


def test_another_card_is_charged_from_now_on(sandbox: SandboxProcess) -> None:
    paid = sandbox.subscribed()
    url = portal_of(sandbox, paid).url
    wrong = press(sandbox, f"{url}/card", **{**CARD, "card_number": "4242424242424241"})
    assert (wrong.status_code, wrong.text.count("Check the card number")) == (422, 2)
    declined = press(sandbox, f"{url}/card", **{**CARD, "card_number": "4000000000000002"})
    assert declined.status_code == 402
    assert "Your card was not changed" in declined.text
    assert press(sandbox, f"{url}/card", **{**CARD, "card_number": "5555 5555 5555 4444"}).status_code == 303
    assert "Mastercard ending in 4444" in sandbox.http.get(url).text
    sandbox.control("renew")
    charge = sandbox.client().v1.charges.list({"limit": 1}).data[0]
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.to_dict()["card"]["last4"] == "4444"


def test_the_card_that_can_be_saved_and_not_charged(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed()
    saved = press(sandbox, f"{portal_of(sandbox, paid).url}/card", **{**CARD, "card_number": "4000000000000341"})
    assert saved.status_code == 303
    sandbox.control("renew")
    receiver.wait_for("invoice.payment_failed")


def test_links_that_lead_straight_to_one_thing(shared: SandboxProcess) -> None:
    paid = shared.subscribed()
    for flow, end in (
        ({"type": "payment_method_update"}, "/card"),
        (
            {"type": "subscription_cancel", "subscription_cancel": {"subscription": paid["subscription"]}},
            f"/cancel/{paid['subscription']}",
        ),
    ):
        session = portal_of(shared, paid, flow_data=flow)
        assert session.flow is not None
        assert session.flow.type == flow["type"]
        assert shared.http.get(session.url).url == session.url + end


def test_another_customers_gift_is_out_of_reach(shared: SandboxProcess) -> None:
    mine, theirs = shared.subscribed(), shared.subscribed(customer_email="bob@example.org")
    url = portal_of(shared, mine).url
    press(shared, f"{url}/cancel/{theirs['subscription']}")
    assert shared.client().v1.subscriptions.retrieve(theirs["subscription"]).cancel_at_period_end is False
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": theirs["subscription"]}}
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        portal_of(shared, mine, flow_data=flow)


def test_links_stop_working(sandbox: SandboxProcess) -> None:
    url = portal_of(sandbox, sandbox.subscribed()).url
    assert sandbox.http.get(f"{sandbox.url}/p/session/test_guessed").status_code == 404
    sandbox.control("time", {"advance_seconds": 3601})
    page = sandbox.http.get(url)
    assert page.status_code == 404
    assert "no longer works" in page.text


def test_a_session_needs_a_customer_that_exists(shared: SandboxProcess) -> None:
    create: Any = shared.client().v1.billing_portal.sessions.create
    for params, code in (
        ({"customer": "cus_none"}, "resource_missing"),
        ({}, "parameter_missing"),
        ({"customer": "cus_none", "after": "x"}, "parameter_unknown"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            create(params)
        assert refusal.value.code == code


def test_the_payment_page_says_that_it_is_every_month(shared: SandboxProcess) -> None:
    session = shared.client().v1.checkout.sessions.create(monthly_params())  # type: ignore[arg-type]
    page = shared.http.get(session.url or "").text
    assert "Pay £10.00 every month</button>" in page
