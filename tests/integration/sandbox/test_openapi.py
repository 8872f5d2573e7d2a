"""Everything that the sandbox has, done once and held against Stripe's description; and the check itself, tried."""

import copy
import re
import time
from pathlib import Path
from typing import Any

import pytest

from campaign.sandbox.operations import operations
from campaign.sandbox.shapes import API_VERSION
from tests.integration.sandbox.process import CARD, KEY, ROOT, SandboxProcess, monthly_params
from tests.stripe_openapi.check import SPEC, problems_of_call, problems_of_event

DAY = 86400


def told_in_the_source() -> set[str]:
    """Every kind of event that the sandbox's source names."""
    source = "\n".join(path.read_text() for path in (ROOT / "campaign/sandbox").glob("*.py"))
    return set(re.findall(r'"([a-z_]+\.[a-z_.]+)"', source)) & set(SPEC["events"])


def pay_in_every_way(sandbox: SandboxProcess) -> None:
    """Cards that pay, decline, ask, are disputed, warned of, or cannot be refunded; bank debits; expiry."""
    client = sandbox.client()
    for card in ("4000000000000002", "4000000000000259", "4000000000001976", "4000000000005423", "4000000000005126"):
        sandbox.control("pay", {"session": sandbox.session(customer_creation="always").id, "card": card})
    session = sandbox.session()
    sandbox.control("pay", {"session": session.id, "card": "4000002500003155"})
    sandbox.control("pay", {"session": session.id})
    for currency, outcome in (("gbp", "succeed"), ("eur", "fail")):
        line = {**monthly_params(1000, currency)["line_items"][0]}
        del line["price_data"]["recurring"]
        debit = sandbox.control("pay", {"session": sandbox.session(line_items=[line]).id, "method": "bank_debit"})
        sandbox.control("debit", {"session": debit["session"], "outcome": outcome})
    client.v1.checkout.sessions.expire(sandbox.session().id, {"expand": ["line_items"]})
    client.v1.checkout.sessions.line_items.list(session.id, {"limit": 3})


def give_back_and_dispute(sandbox: SandboxProcess) -> None:
    client = sandbox.client()
    failing, warned, inquired, disputed = client.v1.charges.list({"limit": 20, "created": {"gte": 1}}).data[3:7]
    for charge in (failing, warned):
        refund = client.v1.refunds.create({"charge": charge.id, "reason": "requested_by_customer"})
        client.v1.refunds.update(refund.id, {"metadata": {"why": "asked"}})
    sandbox.control("time", {"advance_seconds": 61})
    client.v1.disputes.update(
        client.v1.disputes.list({"charge": disputed.id}).data[0].id,
        {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": True, "metadata": {"a": "1"}},
    )
    client.v1.disputes.close(client.v1.disputes.list({"charge": inquired.id}).data[0].id)


def give_monthly(sandbox: SandboxProcess) -> None:
    """Start, fail, mend, change, pause, cancel, and be charged afterwards."""
    client: Any = sandbox.client()
    params: Any = monthly_params()
    session = client.v1.checkout.sessions.create(params)
    sandbox.pay_page(session.id, card_number="4000000000000002")
    client.v1.checkout.sessions.expire(session.id)
    customer = client.v1.customers.create({"email": "bob@example.org", "name": "Bob", "metadata": {"a": "1"}})
    client.v1.customers.update(customer.id, {"metadata": {"a": ""}, "description": "gives"})
    paid = sandbox.subscribed(customer=customer.id, customer_email=None)
    sandbox.control("fail_renewals", {"times": 1})
    sandbox.control("renew")
    sandbox.control("time", {"advance_seconds": 4 * DAY})
    item = client.v1.subscriptions.retrieve(paid["subscription"])["items"]["data"][0]
    price = {"currency": "gbp", "product": item["price"]["product"], "unit_amount": 2000}
    price["recurring"] = {"interval": "month", "interval_count": 1}
    update = client.v1.subscriptions.update
    update(paid["subscription"], {"items": [{"id": item["id"], "price_data": price}], "proration_behavior": "none"})
    update(paid["subscription"], {"pause_collection": {"behavior": "mark_uncollectible"}, "description": "paused"})
    sandbox.control("renew")
    update(paid["subscription"], {"pause_collection": "", "cancel_at_period_end": True, "metadata": {"b": "2"}})
    update(paid["subscription"], {"cancel_at_period_end": False})
    portal = client.v1.billing_portal.sessions.create({"customer": customer.id, "return_url": "https://example.org/"})
    assert sandbox.http.post(f"{portal.url}/card", data=CARD, allow_redirects=False).status_code == 303
    sandbox.control("fail_renewals", {"times": 9})
    sandbox.control("renew")
    client.v1.subscriptions.cancel(paid["subscription"], {"cancellation_details": {"feedback": "other"}})
    sandbox.control("bill", {"subscription": paid["subscription"]})


def read_everything(sandbox: SandboxProcess) -> None:
    """Each list, and its first object with all that can be expanded in it."""
    client: Any = sandbox.client()
    v1 = client.v1
    for service, expand in (
        (v1.checkout.sessions, ["customer", "invoice", "payment_intent.latest_charge", "subscription", "line_items"]),
        (v1.payment_intents, ["customer", "latest_charge.balance_transaction", "payment_method"]),
        (v1.charges, ["balance_transaction", "customer", "payment_intent", "refunds"]),
        (v1.balance_transactions, ["source"]),
        (v1.refunds, ["balance_transaction", "charge", "failure_balance_transaction", "payment_intent"]),
        (v1.disputes, ["charge", "payment_intent"]),
        (v1.radar.early_fraud_warnings, ["charge", "payment_intent"]),
        (v1.customers, []),
        (v1.payment_methods, ["customer"]),
        (v1.products, []),
        (v1.prices, ["product"]),
        (v1.subscriptions, ["customer", "default_payment_method", "latest_invoice.payments"]),
        (v1.invoices, ["customer", "parent.subscription_details.subscription", "payments"]),
        (v1.invoice_payments, ["invoice", "payment.payment_intent"]),
        (v1.events, []),
    ):
        params = {"status": "all"} if service is v1.subscriptions else {}
        listed = service.list({"limit": 2, **params, "expand": [f"data.{path}" for path in expand[:1]]})
        service.retrieve(listed.data[0].id, {"expand": expand})
    invoice = v1.invoices.list({"limit": 1}).data[0]
    v1.invoices.line_items.list(invoice.id)


def test_every_call_and_every_event_is_as_stripe_describes_it(tmp_path: Path) -> None:
    sandbox = SandboxProcess(tmp_path / "sandbox.sqlite3")
    try:
        for step in (pay_in_every_way, give_back_and_dispute, give_monthly, read_everything):
            step(sandbox)
        sandbox.check_traffic()
        told, calls = sandbox.traffic.events, sandbox.traffic.calls
    finally:
        sandbox.close()
    assert told_in_the_source() - told == set()
    assert len(told) > 30
    shapes = {
        f"{op.method} {op.path}": re.compile(f"{op.method} {re.sub('<id>', '[^/]+', op.path)}") for op in operations()
    }
    assert [name for name, shape in shapes.items() if not any(shape.fullmatch(call) for call in calls)] == []


def event_now(shared: SandboxProcess) -> dict[str, Any]:
    """The newest event about a paid invoice, as it is sent."""
    shared.subscribed()
    headers = {"Authorization": f"Bearer {KEY}"}
    found = shared.http.get(f"{shared.url}/v1/events", params={"type": "invoice.paid", "limit": "1"}, headers=headers)
    event: dict[str, Any] = found.json()["data"][0]
    return event


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda event: event["data"]["object"].update(subscription="sub_1"), "'subscription' was unexpected"),
        (lambda event: event["data"]["object"].update(amount_paid="1000"), "amount_paid"),
        (lambda event: event["data"]["object"].update(status="settled"), "status"),
        (lambda event: event["data"]["object"].pop("customer"), "customer"),
        (lambda event: event["data"]["object"]["lines"]["data"][0].update(plan="x"), "'plan' was unexpected"),
        (lambda event: event["data"]["object"].update(customer={"object": "account"}), "customer"),
        (lambda event: event["data"].update(previous_attributes={"paid": False}), "previous attribute paid"),
        (lambda event: event.update(type="invoice.settled"), "Stripe has no such event"),
        (lambda event: event.pop("livemode"), "livemode"),
    ],
)
def test_the_check_sees_what_is_wrong_with_an_event(shared: SandboxProcess, spoil: Any, words: str) -> None:
    event = event_now(shared)
    assert problems_of_event(event) == []
    spoiled = copy.deepcopy(event)
    spoil(spoiled)
    assert any(words in problem for problem in problems_of_event(spoiled)), problems_of_event(spoiled)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"payment_method_types": ["card"]}, "'payment_method_types' was unexpected"),
        ({"mode": "donation"}, "mode"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"line_items": [{"quantity": "1", "amount": "5"}]}, "'amount' was unexpected"),
        ({"adaptive_pricing": {"enabled": "perhaps"}}, "enabled"),
    ],
)
def test_the_check_sees_what_is_wrong_with_a_call(params: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {
        "mode": "payment",
        "expires_at": str(int(time.time())),
        "adaptive_pricing": {"enabled": "false"},
    }
    answer = {"error": {"type": "invalid_request_error", "message": "x"}}
    call = {"method": "POST", "path": "/v1/checkout/sessions", "status": 200, "params": good, "answer": answer}
    about_params = [problem for problem in problems_of_call(call) if ": parameters" in problem]
    assert about_params == []
    found = problems_of_call({**call, "params": {**good, **params}})
    assert any(words in problem for problem in found if ": parameters" in problem), found


def test_the_description_is_older_than_what_is_spoken_and_says_so() -> None:
    readme = (ROOT / "tests/stripe_openapi/README.md").read_text()
    assert SPEC["version"] in readme
    assert API_VERSION in readme
    assert "Stripe, Inc." in (ROOT / "tests/stripe_openapi/LICENSE").read_text()
