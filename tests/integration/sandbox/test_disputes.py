"""Disputes and early fraud warnings: where the money is at each moment, and what may still be done."""

from typing import Any

import pytest
import stripe

from tests.integration.sandbox.process import Receiver, SandboxProcess

DAY = 86400


def net(sandbox: SandboxProcess) -> int:
    """The balance, in pence."""
    total: int = sandbox.state_now()["sums"]["gbp"]["net"]
    return total


def opened(sandbox: SandboxProcess, **more: Any) -> dict[str, Any]:
    """A dispute of a £10 gift."""
    return sandbox.control("dispute", {"payment_intent": sandbox.paid()["payment_intent"], **more})


def test_a_dispute_takes_the_money_and_a_fee(sandbox: SandboxProcess, receiver: Receiver) -> None:
    dispute = opened(sandbox)
    assert receiver.wait_for("charge.dispute.funds_withdrawn").data.object["id"] == dispute["id"]
    assert receiver.types.index("charge.dispute.created") < receiver.types.index("charge.dispute.funds_withdrawn")
    (movement,) = dispute["balance_transactions"]
    assert (movement["type"], movement["reporting_category"]) == ("adjustment", "dispute")
    assert (movement["amount"], movement["fee"], movement["net"]) == (-1000, 2000, -3000)
    found = sandbox.client().v1.balance_transactions.list({"source": dispute["id"]})
    assert [each.id for each in found.data] == [movement["id"]]
    assert net(sandbox) == 1000 - 35 - 3000
    assert sandbox.state_now()["sums"]["gbp"]["disputed"] == 1000


def test_a_dispute_won_gives_it_back(sandbox: SandboxProcess, receiver: Receiver) -> None:
    dispute = opened(sandbox)
    sandbox.control("dispute/win", {"dispute": dispute["id"]})
    closed = receiver.wait_for("charge.dispute.closed").data.object
    assert (closed["status"], len(closed["balance_transactions"])) == ("won", 2)
    receiver.wait_for("charge.dispute.funds_reinstated")
    assert net(sandbox) == 1000 - 35 - 2000
    assert sandbox.state_now()["sums"]["gbp"]["disputed"] == 0
    refund = sandbox.client().v1.refunds.create({"charge": dispute["charge"]})
    assert refund.amount == 1000


def test_a_dispute_lost_keeps_it_away(sandbox: SandboxProcess, receiver: Receiver) -> None:
    dispute = opened(sandbox)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            sandbox.client().v1.refunds.create({"charge": dispute["charge"]})
        assert refusal.value.code == "charge_disputed"
        if sandbox.client().v1.disputes.retrieve(dispute["id"]).status == "needs_response":
            sandbox.control("dispute/lose", {"payment_intent": dispute["payment_intent"]})
    assert receiver.wait_for("charge.dispute.closed").data.object["status"] == "lost"
    assert net(sandbox) == 1000 - 35 - 3000
    refused = sandbox.http.post(f"{sandbox.url}/_sandbox/dispute/win", json={"dispute": dispute["id"]})
    assert (refused.status_code, "already closed" in refused.text) == (400, True)


@pytest.mark.parametrize(("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_evidence_decides_as_in_test_mode(sandbox: SandboxProcess, evidence: str, status: str) -> None:
    disputes = sandbox.client().v1.disputes
    dispute = opened(sandbox)
    draft = disputes.update(dispute["id"], {"evidence": {"customer_name": "Ada"}, "submit": False})
    assert (draft.status, draft.evidence.customer_name) == ("needs_response", "Ada")
    sent = disputes.update(dispute["id"], {"evidence": {"uncategorized_text": "It was given."}})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert disputes.update(dispute["id"], {"evidence": {"uncategorized_text": evidence}}).status == status


def test_giving_up_and_not_answering_both_lose(sandbox: SandboxProcess) -> None:
    disputes = sandbox.client().v1.disputes
    given_up, forgotten = opened(sandbox), opened(sandbox)
    assert disputes.close(given_up["id"]).status == "lost"
    sandbox.control("time", {"advance_seconds": 8 * DAY})
    assert disputes.retrieve(forgotten["id"]).status == "needs_response"
    sandbox.control("time", {"advance_seconds": 2 * DAY})
    over = disputes.retrieve(forgotten["id"])
    assert (over.status, over.evidence_details.past_due) == ("lost", True)


def test_an_inquiry_takes_no_money_unless_it_becomes_a_dispute(sandbox: SandboxProcess) -> None:
    asked = sandbox.control("pay", {"session": sandbox.session().id, "card": "4000000000001976"})
    (inquiry,) = sandbox.client().v1.disputes.list({"payment_intent": asked["payment_intent"]}).data
    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert sandbox.control("dispute/win", {"dispute": inquiry.id})["status"] == "warning_closed"
    assert net(sandbox) == 965
    other = opened(sandbox, kind="inquiry", reason="unrecognized")
    assert sandbox.control("dispute/lose", {"dispute": other["id"]})["status"] == "lost"
    assert sandbox.state_now()["sums"]["gbp"]["disputed"] == 1000


def test_part_of_a_charge_is_disputed_after_a_refund(sandbox: SandboxProcess) -> None:
    paid = sandbox.paid()
    sandbox.control("refund", {"payment_intent": paid["payment_intent"], "amount": 400})
    url = f"{sandbox.url}/_sandbox/dispute"
    assert sandbox.http.post(url, json={"charge": paid["charge"], "amount": 601}).status_code == 400
    assert sandbox.control("dispute", {"charge": paid["charge"]})["amount"] == 600
    assert sandbox.http.post(url, json={"charge": paid["charge"]}).status_code == 400


def test_the_card_that_is_disputed_is_disputed_at_each_renewal(sandbox: SandboxProcess) -> None:
    session = sandbox.subscribed()
    subscription = sandbox.client().v1.subscriptions.retrieve(session["subscription"])
    sandbox.client().v1.customers.update(str(subscription.customer), {"metadata": {"a": "1"}})
    portal = sandbox.client().v1.billing_portal.sessions.create({"customer": str(subscription.customer)})
    card = {"card_number": "4000000000000259", "card_expiry": "12/34", "card_cvc": "123", "card_name": "Ada"}
    assert sandbox.http.post(f"{portal.url}/card", data=card, allow_redirects=False).status_code == 303
    sandbox.control("renew")
    (dispute,) = sandbox.client().v1.disputes.list().data
    assert dispute.status == "needs_response"


def test_an_early_fraud_warning_until_it_is_refunded(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.control("pay", {"session": sandbox.session().id, "card": "4000000000005423"})
    warning = receiver.wait_for("radar.early_fraud_warning.created").data.object
    assert (warning["payment_intent"], warning["charge"]) == (paid["payment_intent"], paid["charge"])
    client = sandbox.client()
    (listed,) = client.v1.radar.early_fraud_warnings.list({"payment_intent": paid["payment_intent"]}).data
    assert (listed.id, listed.actionable) == (warning["id"], True)
    client.v1.refunds.create({"charge": paid["charge"], "amount": 1})
    assert client.v1.radar.early_fraud_warnings.retrieve(listed.id).actionable
    client.v1.refunds.create({"charge": paid["charge"]})
    receiver.wait_for("radar.early_fraud_warning.updated")
    assert not client.v1.radar.early_fraud_warnings.retrieve(listed.id).actionable


def test_a_warning_by_hand(shared: SandboxProcess) -> None:
    paid = shared.paid()
    assert shared.control("fraud_warning", {"charge": paid["charge"]})["actionable"]
