"""The contract with Stripe, as far as it can be tried without somebody who pays on a hosted page.

Run against Stripe itself it leaves open sessions that expire and customers without cards in a test account, no more. The
account must have saved its portal settings once (Dashboard, Settings, Billing, Customer portal).
"""

import os
import secrets
from typing import Any

import pytest
import stripe

from tests.contract import KEY_NAME, not_asked
from tests.integration.sandbox.process import line, monthly_params, session_params

HOME = "https://example.org/"
PUBLIC: dict[str, Any] = {"success_url": HOME + "?session={CHECKOUT_SESSION_ID}", "cancel_url": HOME}


def once(**more: Any) -> Any:
    return session_params(**{**PUBLIC, **more})


def monthly(**more: Any) -> Any:
    return monthly_params(**{**PUBLIC, **more})


def test_a_one_off_checkout(asked: stripe.StripeClient) -> None:
    session = asked.v1.checkout.sessions.create(once())
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.amount_total, session.currency, session.mode) == (1000, "gbp", "payment")
    assert (session.client_reference_id, session.payment_intent) == ("don_1", None)
    assert (session.url or "").startswith("http")
    read = asked.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items", "payment_intent.latest_charge"]})
    assert read.line_items is not None
    assert [(item.description, item.amount_total) for item in read.line_items.data] == [("Donation", 1000)]
    assert read.metadata is not None
    assert read.metadata.to_dict() == {"donation": "don_1"}


def test_a_monthly_checkout(asked: stripe.StripeClient) -> None:
    session = asked.v1.checkout.sessions.create(monthly())
    assert (session.mode, session.status, session.amount_total) == ("subscription", "open", 1000)
    assert (session.subscription, session.invoice, session.customer) == (None, None, None)
    (item,) = asked.v1.checkout.sessions.line_items.list(session.id).data
    assert item.price is not None
    assert item.price.recurring is not None
    assert (item.price.recurring.interval, item.price.recurring.interval_count) == ("month", 1)


def test_expiring(asked: stripe.StripeClient) -> None:
    session = asked.v1.checkout.sessions.create(once())
    expired = asked.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        asked.v1.checkout.sessions.expire(session.id)


def test_the_same_key_is_the_same_call(asked: stripe.StripeClient) -> None:
    key = f"contract-{secrets.token_hex(8)}"
    params = once()
    first = asked.v1.checkout.sessions.create(params, {"idempotency_key": key})
    assert asked.v1.checkout.sessions.create(params, {"idempotency_key": key}).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        asked.v1.checkout.sessions.create(once(client_reference_id="don_2"), {"idempotency_key": key})


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        (once(surprise="1"), "parameter_unknown", "surprise"),
        (once(payment_method_types=["card"]), "parameter_unknown", "payment_method_types"),
        (once(line_items=[line(1)]), "amount_too_small", None),
        (once(customer_email="nobody"), "email_invalid", "customer_email"),
        (once(cancel_url="nowhere"), "url_invalid", "cancel_url"),
        (once(customer="cus_none", customer_email=None), "resource_missing", "customer"),
        (once(line_items=monthly()["line_items"]), None, None),
        (monthly(line_items=[line(1000)]), None, None),
        (monthly() | {"payment_intent_data": {"description": "x"}}, None, None),
        (once(expires_at=1), None, "expires_at"),
    ],
)
def test_what_is_refused(asked: stripe.StripeClient, params: Any, code: str | None, param: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        asked.v1.checkout.sessions.create(params)
    assert refusal.value.http_status == 400
    if code:
        assert refusal.value.code == code
    if param:
        assert refusal.value.param == param


def test_what_is_not_there(asked: stripe.StripeClient) -> None:
    v1 = asked.v1
    for retrieve in (
        v1.checkout.sessions.retrieve,
        v1.payment_intents.retrieve,
        v1.charges.retrieve,
        v1.refunds.retrieve,
        v1.disputes.retrieve,
        v1.subscriptions.retrieve,
        v1.subscriptions.cancel,
        v1.invoices.retrieve,
        v1.customers.retrieve,
        v1.events.retrieve,
    ):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            retrieve(f"xx_{secrets.token_hex(8)}")
        assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_a_wrong_key_is_refused(asked: stripe.StripeClient) -> None:
    with pytest.raises(stripe.AuthenticationError):
        asked.v1.events.list(options={"api_key": "sk_test_wrong"})


def test_the_lists_that_reconciliation_reads(asked: stripe.StripeClient) -> None:
    asked.v1.checkout.sessions.expire(asked.v1.checkout.sessions.create(once()).id)
    lists: Any = asked.v1
    for service, params in (
        (lists.events, {"types": ["checkout.session.expired", "invoice.paid"], "created": {"gte": 1}}),
        (lists.events, {"type": "checkout.session.*"}),
        (lists.checkout.sessions, {"created": {"gte": 1}, "expand": ["data.payment_intent"]}),
        (lists.payment_intents, {"created": {"gte": 1}, "expand": ["data.latest_charge"]}),
        (lists.charges, {"created": {"gte": 1}, "expand": ["data.balance_transaction", "data.refunds"]}),
        (lists.balance_transactions, {"created": {"gte": 1}, "type": "charge", "expand": ["data.source"]}),
        (lists.refunds, {"expand": ["data.charge"]}),
        (lists.disputes, {"expand": ["data.charge"]}),
        (lists.subscriptions, {"status": "all", "expand": ["data.latest_invoice"]}),
        (lists.invoices, {"status": "paid", "expand": ["data.payments"]}),
        (lists.invoice_payments, {"status": "paid", "expand": ["data.payment.payment_intent"]}),
        (lists.radar.early_fraud_warnings, {}),
        (lists.customers, {"email": "ada@example.org"}),
    ):
        found = service.list({"limit": 3, **params})
        assert found.object == "list"
        assert len(found.data) <= 3
    newest = asked.v1.events.list({"type": "checkout.session.expired", "limit": 1}).data[0]
    assert newest.data.object["object"] == "checkout.session"


def test_customers_and_their_portal(asked: stripe.StripeClient) -> None:
    customer = asked.v1.customers.create({"email": "ada@example.org", "name": "Ada", "metadata": {"a": "1", "b": "2"}})
    changed = asked.v1.customers.update(customer.id, {"metadata": {"a": ""}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2"}
    session = asked.v1.checkout.sessions.create(monthly(customer=customer.id, customer_email=None))
    assert session.customer == customer.id
    portal = asked.v1.billing_portal.sessions.create({"customer": customer.id, "return_url": HOME})
    assert portal.url.startswith("http")


@pytest.mark.skipif(not os.environ.get(KEY_NAME), reason=not_asked())
def test_the_sandbox_has_no_field_that_stripe_has_not(sandbox_client: stripe.StripeClient) -> None:
    stripe_itself = stripe.StripeClient(os.environ[KEY_NAME])
    for params in (once(), monthly()):
        ours, theirs = (client.v1.checkout.sessions.create(params) for client in (sandbox_client, stripe_itself))
        assert set(ours.to_dict()) - set(theirs.to_dict()) == set()
