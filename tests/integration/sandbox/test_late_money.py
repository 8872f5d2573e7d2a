"""Money that takes its time: refunds that pend or come back, bank debits that arrive days later or never."""

from typing import Any

import pytest
import stripe

from tests.integration.sandbox.process import Receiver, SandboxProcess, line

DAY = 86400


def paid_with(sandbox: SandboxProcess, card: str) -> dict[str, Any]:
    return sandbox.control("pay", {"session": sandbox.session().id, "card": card})


def test_a_refund_that_pends_and_succeeds(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = paid_with(sandbox, "4000000000007726")
    refund = sandbox.client().v1.refunds.create({"charge": paid["charge"]})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    sandbox.control("time", {"advance_seconds": 60})
    done = sandbox.client().v1.refunds.retrieve(refund.id)
    assert (done.status, "pending_reason" in done.to_dict()) == ("succeeded", False)
    receiver.wait_for("refund.updated")


def test_a_refund_that_fails_later_restores_the_charge(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = paid_with(sandbox, "4000000000005126")
    client = sandbox.client()
    refund = client.v1.refunds.create({"charge": paid["charge"]})
    assert refund.status == "succeeded"
    assert client.v1.charges.retrieve(paid["charge"]).refunded
    sandbox.control("time", {"advance_seconds": 60})
    failed = receiver.wait_for("refund.failed").data.object
    assert (failed["id"], failed["status"], failed["failure_reason"]) == (
        refund.id,
        "failed",
        "expired_or_canceled_card",
    )
    charge = client.v1.charges.retrieve(paid["charge"])
    assert (charge.refunded, charge.amount_refunded) == (False, 0)
    movement = client.v1.balance_transactions.retrieve(failed["failure_balance_transaction"])
    assert (movement.type, movement.amount, movement.fee) == ("refund_failure", 1000, 0)
    assert sandbox.state_now()["sums"]["gbp"]["net"] == 965
    assert client.v1.refunds.create({"charge": paid["charge"]}).amount == 1000


def test_one_of_two_refunds_fails(sandbox: SandboxProcess) -> None:
    paid = sandbox.paid()
    first, second = (sandbox.control("refund", {"charge": paid["charge"], "amount": amount}) for amount in (300, 700))
    assert sandbox.control("refund/fail", {"refund": first["id"], "reason": "declined"})["status"] == "failed"
    charge = sandbox.client().v1.charges.retrieve(paid["charge"])
    assert (charge.refunded, charge.amount_refunded) == (False, 700)
    again = sandbox.http.post(f"{sandbox.url}/_sandbox/refund/fail", json={"refund": first["id"]})
    assert again.status_code == 400
    assert sandbox.client().v1.refunds.retrieve(second["id"]).status == "succeeded"


def debited(sandbox: SandboxProcess, currency: str = "gbp") -> dict[str, Any]:
    """A session that was gone through by bank debit."""
    session = sandbox.session(line_items=[line(1000, currency)])
    return sandbox.control("pay", {"session": session.id, "method": "bank_debit"})


def test_a_bank_debit_is_complete_and_not_paid(sandbox: SandboxProcess, receiver: Receiver) -> None:
    answer = debited(sandbox)
    assert (answer["outcome"], answer["status"], answer["payment_status"]) == ("processing", "complete", "unpaid")
    completed = receiver.wait_for("checkout.session.completed").data.object
    assert completed["payment_status"] == "unpaid"
    intent = sandbox.client().v1.payment_intents.retrieve(answer["payment_intent"], {"expand": ["latest_charge"]})
    assert (intent.status, intent.amount_received) == ("processing", 0)
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.id.startswith("py_")
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("pending", False)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        sandbox.client().v1.refunds.create({"payment_intent": answer["payment_intent"]})


def test_a_bank_debit_arrives_after_days(sandbox: SandboxProcess, receiver: Receiver) -> None:
    answer = debited(sandbox)
    sandbox.control("time", {"advance_seconds": 4 * DAY})
    arrived = receiver.wait_for("checkout.session.async_payment_succeeded").data.object
    assert (arrived["id"], arrived["payment_status"]) == (answer["session"], "paid")
    charge = sandbox.client().v1.charges.retrieve(answer["charge"], {"expand": ["balance_transaction"]})
    assert (charge.status, charge.paid) == ("succeeded", True)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert charge.balance_transaction.type == "payment"
    refund = sandbox.client().v1.refunds.create({"charge": charge.id, "expand": ["balance_transaction"]})
    assert isinstance(refund.balance_transaction, stripe.BalanceTransaction)
    assert refund.balance_transaction.type == "payment_refund"


def test_a_bank_debit_that_never_arrives(sandbox: SandboxProcess, receiver: Receiver) -> None:
    answer = debited(sandbox, "eur")
    sandbox.control("debit", {"session": answer["session"], "outcome": "fail"})
    failed = receiver.wait_for("checkout.session.async_payment_failed").data.object
    assert (failed["status"], failed["payment_status"]) == ("complete", "unpaid")
    receiver.wait_for("charge.failed")
    intent = sandbox.client().v1.payment_intents.retrieve(answer["payment_intent"])
    assert intent.status == "requires_payment_method"
    sandbox.control("time", {"advance_seconds": 9 * DAY})
    assert sandbox.state_now()["counts"].get("balance_transaction") is None
    again = sandbox.http.post(f"{sandbox.url}/_sandbox/debit", json={"session": answer["session"]})
    assert again.status_code == 400


def test_the_page_offers_a_bank_debit_where_there_is_one(shared: SandboxProcess) -> None:
    session = shared.session()
    assert "Pay later by bank debit" in shared.http.get(session.url or "").text
    refused = shared.http.post(session.url or "", data={"later": "yes", "email": "nobody"}, allow_redirects=False)
    assert refused.status_code == 422
    form = {"later": "yes", "email": "ada@example.org", "card_name": "Ada Lovelace"}
    answer = shared.http.post(session.url or "", data=form, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"http://127.0.0.1:9/done?session={session.id}",
    )
    assert "Your bank will be asked" in shared.http.get(f"{shared.url}/c/pay/{session.id}").text
    for other in (shared.session(line_items=[line(1000, "sek")]),):
        assert "bank debit" not in shared.http.get(other.url or "").text
