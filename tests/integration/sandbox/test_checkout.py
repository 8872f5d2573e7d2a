"""A session's life over the API: made, read, listed, expired; and what a paid one looks like."""

import time

import pytest
import stripe

from tests.integration.sandbox.process import CANCEL, SUCCESS, Receiver, SandboxProcess, line, wait_until


def test_a_new_session_holds_what_was_sent(shared: SandboxProcess) -> None:
    session = shared.session()
    assert session.id.startswith("cs_test_")
    assert session.url == f"{shared.url}/c/pay/{session.id}"
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.amount_total, session.currency) == (1000, "gbp")
    assert (session.success_url, session.cancel_url) == (SUCCESS, CANCEL)
    assert session.client_reference_id == "don_1"
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"donation": "don_1"}
    assert session.payment_intent is None
    assert shared.client().v1.checkout.sessions.retrieve(session.id).to_dict() == session.to_dict()


def test_private_notes_stay_inside(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session_id = sandbox.paid()["session"]
    shown = sandbox.client().v1.checkout.sessions.retrieve(session_id, {"expand": ["line_items", "payment_intent"]})
    event = receiver.wait_for("payment_intent.succeeded")
    for keys in (
        shown.to_dict(),
        shown.to_dict()["payment_intent"],
        shown.to_dict()["line_items"]["data"][0],
        event.data.object.to_dict(),
    ):
        assert [key for key in keys if key.startswith("_")] == []


def test_line_items(shared: SandboxProcess) -> None:
    session = shared.session(line_items=[line(1000, name="Gift"), {**line(20, name="Card fee"), "quantity": 3}])
    assert session.amount_total == 1060
    items = shared.client().v1.checkout.sessions.line_items.list(session.id)
    assert [(item.description, item.quantity, item.amount_total) for item in items.data] == [
        ("Gift", 1, 1000),
        ("Card fee", 3, 60),
    ]


def test_line_items_in_two_currencies_are_refused(shared: SandboxProcess) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="same currency"):
        shared.session(line_items=[line(1000), line(1000, "eur")])


@pytest.mark.parametrize("ahead", [25 * 60, 25 * 3600, -60])
def test_expiry_must_be_half_an_hour_to_a_day_ahead(shared: SandboxProcess, ahead: int) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="expires_at") as refusal:
        shared.session(expires_at=int(time.time()) + ahead)
    assert refusal.value.param == "expires_at"


@pytest.mark.parametrize("ahead", [30 * 60, 24 * 3600])
def test_expiry_at_its_bounds(shared: SandboxProcess, ahead: int) -> None:
    expires_at = int(time.time()) + ahead
    assert shared.session(expires_at=expires_at).expires_at == expires_at


def test_a_paid_session_and_what_hangs_on_it(shared: SandboxProcess) -> None:
    paid = shared.paid(1036)
    path = "payment_intent.latest_charge.balance_transaction"
    session = shared.client().v1.checkout.sessions.retrieve(paid["session"], {"expand": [path]})
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.customer_details is not None
    assert session.customer_details.email == "ada@example.org"
    intent = session.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 1036, "gbp")
    assert intent.metadata.to_dict() == {"donation": "don_1"}
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.paid, charge.refunded, charge.amount) == (True, False, 1036)
    assert charge.payment_intent == intent.id
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.to_dict()["card"]["last4"] == "4242"
    movement = charge.balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.amount, movement.fee, movement.net) == (1036, 36, 1000)
    for gone in ("invoice", "charges"):
        assert gone not in intent.to_dict()
        assert gone not in charge.to_dict()


def test_sessions_are_found_by_their_payment_intent(shared: SandboxProcess) -> None:
    first, other = shared.paid(), shared.paid()
    found = shared.client().v1.checkout.sessions.list({"payment_intent": first["payment_intent"]})
    assert [session.id for session in found.data] == [first["session"]]
    assert first["payment_intent"] != other["payment_intent"]


def test_what_cannot_be_expanded_is_refused(shared: SandboxProcess) -> None:
    session = shared.session()
    with pytest.raises(stripe.InvalidRequestError, match=r"cannot be expanded \(metadata\)"):
        shared.client().v1.checkout.sessions.retrieve(session.id, {"expand": ["metadata"]})


def test_expiring_by_hand(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session = sandbox.session()
    expired = sandbox.client().v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert receiver.wait_for("checkout.session.expired").data.object["id"] == session.id
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        sandbox.client().v1.checkout.sessions.expire(session.id)
    assert sandbox.pay_page(session.id).status_code == 410
    assert sandbox.state_now()["counts"].get("charge") is None


def test_expiring_by_time(sandbox: SandboxProcess, receiver: Receiver) -> None:
    session, later = sandbox.session(), sandbox.session(expires_at=int(time.time()) + 7200)
    sandbox.control("time", {"advance_seconds": 3700})
    receiver.wait_for("checkout.session.expired")
    sessions = sandbox.client().v1.checkout.sessions
    assert sessions.retrieve(session.id).status == "expired"
    assert sessions.retrieve(later.id).status == "open"


def test_a_client_whose_clock_stood_still_is_still_served(sandbox: SandboxProcess) -> None:
    sandbox.control("time", {"advance_seconds": 40 * 86400})
    session = sandbox.session(expires_at=int(time.time()) + 3600)
    assert sandbox.control("pay", {"session": session.id})["outcome"] == "paid"
    lapsing = sandbox.session(expires_at=int(time.time()) + 3600)
    sandbox.control("time", {"advance_seconds": 3700})
    assert sandbox.client().v1.checkout.sessions.retrieve(lapsing.id).status == "expired"


def test_a_sandbox_without_webhooks_still_keeps_events(shared: SandboxProcess) -> None:
    paid = shared.paid()
    events = shared.client().v1.events.list({"type": "checkout.session.completed", "limit": 1})
    assert events.data[0].data.object["id"] == paid["session"]
    wait_until(lambda: shared.state_now()["webhooks"]["pending"] == 0, "nothing is queued")
