"""A monthly gift's life: the first payment, renewals as time passes, failures, pauses, changes, its end."""

from typing import Any

import pytest
import stripe

from tests.integration.sandbox.process import Receiver, SandboxProcess, monthly_params

DAY = 86400


def subscription_of(sandbox: SandboxProcess, paid: dict[str, Any]) -> stripe.Subscription:
    """The subscription as it is now."""
    return sandbox.client().v1.subscriptions.retrieve(paid["subscription"])


def invoices_of(sandbox: SandboxProcess, paid: dict[str, Any]) -> list[stripe.Invoice]:
    """All invoices, the newest first."""
    return sandbox.client().v1.invoices.list({"subscription": paid["subscription"], "limit": 100}).data


def test_the_first_payment(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed()
    completed = receiver.wait_for("checkout.session.completed").data.object
    assert (completed["mode"], completed["payment_status"], completed["payment_intent"]) == (
        "subscription",
        "paid",
        None,
    )
    assert (completed["subscription"], completed["invoice"]) == (paid["subscription"], paid["invoice"])
    assert sorted(receiver.types) == [
        "charge.succeeded",
        "charge.updated",
        "checkout.session.completed",
        "customer.created",
        "customer.subscription.created",
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "payment_intent.created",
        "payment_intent.succeeded",
        "payment_method.attached",
    ]
    subscription = subscription_of(sandbox, paid)
    assert (subscription.status, subscription.description) == ("active", "Monthly gift")
    assert subscription.metadata.to_dict() == {"donation": "don_1"}
    item = subscription["items"]["data"][0]
    assert 28 * DAY <= item["current_period_end"] - item["current_period_start"] <= 31 * DAY
    assert (item["price"]["unit_amount"], item["price"]["recurring"]["interval"]) == (1000, "month")
    for gone in ("current_period_end", "current_period_start"):
        assert gone not in subscription.to_dict()


def test_an_invoice_is_joined_to_its_payment_and_to_nothing_else(sandbox: SandboxProcess) -> None:
    paid = sandbox.subscribed()
    client = sandbox.client()
    invoice = client.v1.invoices.retrieve(paid["invoice"], {"expand": ["payments.data.payment.payment_intent"]})
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 1000, "subscription_create")
    for gone in ("subscription", "charge", "payment_intent", "paid"):
        assert gone not in invoice.to_dict()
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == paid["subscription"]
    assert invoice.parent.subscription_details.metadata is not None
    assert invoice.parent.subscription_details.metadata.to_dict() == {"donation": "don_1"}
    assert invoice.payments is not None
    intent = invoice.payments.data[0].payment.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.id, intent.metadata.to_dict()) == (paid["payment_intent"], {})
    for thing in (intent, client.v1.charges.retrieve(paid["charge"])):
        assert "invoice" not in thing.to_dict()
    found = client.v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": paid["payment_intent"]}}
    )
    assert [(payment.invoice, payment.status) for payment in found.data] == [(paid["invoice"], "paid")]


def test_a_decline_leaves_one_subscription_for_the_next_try(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session = sandbox.client().v1.checkout.sessions.create(monthly_params())  # type: ignore[arg-type]
    assert sandbox.pay_page(session.id, card_number="4000000000000002").status_code == 402
    receiver.wait_for("invoice.payment_failed")
    (waiting,) = sandbox.client().v1.subscriptions.list().data
    assert waiting.status == "incomplete"
    assert sandbox.client().v1.checkout.sessions.retrieve(session.id).subscription is None
    assert sandbox.pay_page(session.id).status_code == 303
    receiver.wait_for("checkout.session.completed")
    (only,) = sandbox.client().v1.subscriptions.list().data
    assert (only.id, only.status) == (waiting.id, "active")
    assert len(sandbox.client().v1.invoices.list().data) == 1


def test_a_first_payment_that_never_comes(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session = sandbox.client().v1.checkout.sessions.create(monthly_params())  # type: ignore[arg-type]
    sandbox.pay_page(session.id, card_number="4000000000000002")
    sandbox.client().v1.checkout.sessions.expire(session.id)
    receiver.wait_for("invoice.voided")
    (over,) = sandbox.client().v1.subscriptions.list({"status": "ended"}).data
    assert over.status == "incomplete_expired"


def test_authentication_starts_a_monthly_gift(sandbox: SandboxProcess) -> None:
    session = sandbox.client().v1.checkout.sessions.create(monthly_params())  # type: ignore[arg-type]
    answer = sandbox.control("pay", {"session": session.id, "card": "4000002500003155", "authenticate": "complete"})
    assert answer["outcome"] == "paid"
    assert subscription_of(sandbox, answer).status == "active"


def test_time_brings_every_renewal_at_its_own_time(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed(1500)
    start = subscription_of(sandbox, paid)["items"]["data"][0]["current_period_start"]
    sandbox.control("time", {"advance_seconds": 95 * DAY})
    receiver.wait_for("invoice.paid", 4)
    newest, *_, first = invoices_of(sandbox, paid)
    assert len(invoices_of(sandbox, paid)) == 4
    assert {invoice.amount_paid for invoice in invoices_of(sandbox, paid)} == {1500}
    assert newest.billing_reason == "subscription_cycle"
    assert newest.period_end - first.period_end >= 89 * DAY
    assert newest.status_transitions.paid_at == newest.created + 3600
    times = [event.created - start for event in receiver.events if event.type == "invoice.paid"]
    assert times == sorted(set(times))
    assert times[-1] <= 95 * DAY
    assert sandbox.state_now()["sums"]["gbp"]["gross"] == 6000
    sandbox.kill()
    sandbox.start()
    sandbox.control("renew", {"subscription": paid["subscription"]})
    receiver.wait_for("invoice.paid", 5)


def test_a_renewal_is_a_draft_for_an_hour(sandbox: SandboxProcess) -> None:
    paid = sandbox.subscribed()
    item = subscription_of(sandbox, paid)["items"]["data"][0]
    left = item["current_period_end"] - sandbox.state_now()["now"]
    sandbox.control("time", {"advance_seconds": left + 5})
    newest = invoices_of(sandbox, paid)[0]
    assert (newest.status, newest.amount_paid) == ("draft", 0)
    sandbox.control("time", {"advance_seconds": 3600})
    assert sandbox.client().v1.invoices.retrieve(newest.id).status == "paid"


def test_a_failed_renewal_is_tried_again_and_mended(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed()
    sandbox.control("fail_renewals", {"subscription": paid["subscription"], "decline_code": "insufficient_funds"})
    sandbox.control("renew")
    failed = receiver.wait_for("invoice.payment_failed").data.object
    assert (failed["status"], failed["attempt_count"]) == ("open", 1)
    assert failed["next_payment_attempt"] > failed["created"] + 2 * DAY
    declined = receiver.wait_for("payment_intent.payment_failed").data.object
    assert declined["last_payment_error"]["decline_code"] == "insufficient_funds"
    assert subscription_of(sandbox, paid).status == "past_due"
    sandbox.control("time", {"advance_seconds": 4 * DAY})
    mended = receiver.wait_for("invoice.paid", 2).data.object
    assert (mended["id"], mended["attempt_count"]) == (failed["id"], 2)
    assert subscription_of(sandbox, paid).status == "active"


def test_renewals_that_keep_failing_end_it(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed()
    sandbox.control("fail_renewals", {"times": 100})
    sandbox.control("time", {"advance_seconds": 60 * DAY})
    ended = receiver.wait_for("customer.subscription.deleted").data.object
    assert ended["cancellation_details"]["reason"] == "payment_failed"
    assert receiver.types.count("invoice.payment_failed") == 4
    assert invoices_of(sandbox, paid)[0].status == "open"
    assert sandbox.state_now()["sums"]["gbp"]["gross"] == 1000


def test_cancelling_at_once(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed()
    client = sandbox.client()
    ended = client.v1.subscriptions.cancel(paid["subscription"], {"cancellation_details": {"comment": "Moving"}})
    assert (ended.status, ended.cancellation_details and ended.cancellation_details.comment) == ("canceled", "Moving")
    assert receiver.wait_for("customer.subscription.deleted").data.object["id"] == paid["subscription"]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.subscriptions.cancel(paid["subscription"])
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="A canceled subscription can only"):
        client.v1.subscriptions.update(paid["subscription"], {"cancel_at_period_end": True})
    sandbox.control("time", {"advance_seconds": 70 * DAY})
    assert len(invoices_of(sandbox, paid)) == 1


def test_a_charge_after_cancelling(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed()
    sandbox.client().v1.subscriptions.cancel(paid["subscription"])
    invoice = sandbox.control("bill", {"subscription": paid["subscription"]})
    late = receiver.wait_for("invoice.paid", 2).data.object
    assert late["id"] == invoice["id"]
    assert subscription_of(sandbox, paid).status == "canceled"


def test_cancelling_at_the_end_of_the_period_and_taking_it_back(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed()
    update = sandbox.client().v1.subscriptions.update
    leaving = update(paid["subscription"], {"cancel_at_period_end": True})
    assert leaving.cancel_at == leaving["items"]["data"][0]["current_period_end"]
    assert leaving.status == "active"
    staying = update(paid["subscription"], {"cancel_at_period_end": False})
    assert (staying.cancel_at, staying.canceled_at) == (None, None)
    update(paid["subscription"], {"cancel_at_period_end": True})
    sandbox.control("time", {"advance_seconds": 32 * DAY})
    ended = receiver.wait_for("customer.subscription.deleted").data.object
    assert (ended["status"], ended["ended_at"]) == ("canceled", leaving.cancel_at)
    assert len(invoices_of(sandbox, paid)) == 1


def new_amount(subscription: stripe.Subscription, amount: int) -> dict[str, Any]:
    """The change of a subscription's amount as a good client sends it."""
    item = subscription["items"]["data"][0]
    price = {
        "currency": item["price"]["currency"],
        "product": item["price"]["product"],
        "recurring": {"interval": "month"},
        "unit_amount": amount,
    }
    return {"items": [{"id": item["id"], "price_data": price}], "proration_behavior": "none"}


def test_another_amount_counts_from_the_next_renewal(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.subscribed(1000)
    change: Any = new_amount(subscription_of(sandbox, paid), 2500)
    changed = sandbox.client().v1.subscriptions.update(paid["subscription"], change)
    assert changed["items"]["data"][0]["price"]["unit_amount"] == 2500
    event = receiver.wait_for("customer.subscription.updated", 2)
    assert event.data.previous_attributes is not None
    assert event.data.previous_attributes["items"]["data"][0]["price"]["unit_amount"] == 1000
    assert len(invoices_of(sandbox, paid)) == 1
    sandbox.control("renew")
    assert [invoice.amount_paid for invoice in invoices_of(sandbox, paid)] == [2500, 1000]


def test_changes_that_it_does_not_make(shared: SandboxProcess) -> None:
    paid = shared.subscribed()
    update: Any = shared.client().v1.subscriptions.update
    change = new_amount(subscription_of(shared, paid), 2500)
    for more, words in (
        ({"proration_behavior": "create_prorations"}, "does not prorate"),
        ({"items": [{"id": "si_none"}]}, "No such subscription_item"),
        ({"default_payment_method": "pm_none"}, "No such PaymentMethod"),
        ({"price": "x"}, "Received unknown parameter: price"),
    ):
        with pytest.raises(stripe.InvalidRequestError, match=words):
            update(paid["subscription"], {**change, **more})
    change["items"][0]["price_data"]["currency"] = "eur"
    with pytest.raises(stripe.InvalidRequestError, match="cannot change the currency"):
        update(paid["subscription"], change)


@pytest.mark.parametrize(("behavior", "status"), [("void", "void"), ("mark_uncollectible", "uncollectible")])
def test_a_pause_collects_nothing_until_it_ends(
    sandbox: SandboxProcess, receiver: Receiver, behavior: Any, status: str
) -> None:
    paid = sandbox.subscribed()
    resumes_at = sandbox.state_now()["now"] + 40 * DAY
    pause: Any = {"pause_collection": {"behavior": behavior, "resumes_at": resumes_at}}
    paused = sandbox.client().v1.subscriptions.update(paid["subscription"], pause)
    assert paused.pause_collection is not None
    assert (paused.status, paused.pause_collection.behavior) == ("active", behavior)
    sandbox.control("renew")
    assert [invoice.status for invoice in invoices_of(sandbox, paid)] == [status, "paid"]
    sandbox.control("renew")
    assert [invoice.status for invoice in invoices_of(sandbox, paid)] == ["paid", status, "paid"]
    assert subscription_of(sandbox, paid).pause_collection is None
    assert receiver.wait_for("invoice.paid", 2).data.object["id"] == invoices_of(sandbox, paid)[0].id


def test_a_pause_is_ended_by_hand(shared: SandboxProcess) -> None:
    paid = shared.subscribed()
    update: Any = shared.client().v1.subscriptions.update
    update(paid["subscription"], {"pause_collection": {"behavior": "keep_as_draft"}})
    assert update(paid["subscription"], {"pause_collection": ""}).pause_collection is None


def test_subscriptions_and_customers_are_found(sandbox: SandboxProcess) -> None:
    first, second = sandbox.subscribed(), sandbox.subscribed(customer_email="bob@example.org")
    client = sandbox.client()
    (bob,) = client.v1.customers.list({"email": "bob@example.org"}).data
    (bobs,) = client.v1.subscriptions.list({"customer": bob.id, "expand": ["data.latest_invoice"]}).data
    assert bobs.id == second["subscription"]
    assert isinstance(bobs.latest_invoice, stripe.Invoice)
    client.v1.subscriptions.cancel(first["subscription"])
    assert [found.id for found in client.v1.subscriptions.list().data] == [second["subscription"]]
    assert len(client.v1.subscriptions.list({"status": "all"}).data) == 2
    assert [found.id for found in client.v1.subscriptions.list({"status": "canceled"}).data] == [first["subscription"]]
    (session,) = client.v1.checkout.sessions.list({"subscription": second["subscription"]}).data
    assert session.id == second["session"]


def test_two_lines_make_one_subscription(sandbox: SandboxProcess) -> None:
    lines = [monthly_params(amount)["line_items"][0] for amount in (1000, 36)]
    paid = sandbox.subscribed(line_items=lines)
    subscription = subscription_of(sandbox, paid)
    assert [item["price"]["unit_amount"] for item in subscription["items"]["data"]] == [1000, 36]
    sandbox.control("renew")
    assert [invoice.amount_paid for invoice in invoices_of(sandbox, paid)] == [1036, 1036]
