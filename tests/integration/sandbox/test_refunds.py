"""Refunds over the API and as from the dashboard."""

import pytest
import stripe

from tests.integration.sandbox.process import Receiver, SandboxProcess


def test_a_whole_refund(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.paid()
    refund = sandbox.client().v1.refunds.create(
        {
            "payment_intent": paid["payment_intent"],
            "reason": "requested_by_customer",
            "metadata": {"by": "staff"},
            "expand": ["charge", "balance_transaction"],
        }
    )
    assert (refund.amount, refund.currency, refund.status) == (1000, "gbp", "succeeded")
    assert isinstance(refund.charge, stripe.Charge)
    assert (refund.charge.refunded, refund.charge.amount_refunded) == (True, 1000)
    assert isinstance(refund.balance_transaction, stripe.BalanceTransaction)
    assert (refund.balance_transaction.amount, refund.balance_transaction.net) == (-1000, -1000)
    event = receiver.wait_for("charge.refunded").data.object
    assert (event["id"], event["amount_refunded"]) == (paid["charge"], 1000)
    assert receiver.wait_for("refund.created").data.object["id"] == refund.id
    assert receiver.wait_for("refund.updated").data.object["id"] == refund.id


def test_parts_until_nothing_is_left(shared: SandboxProcess) -> None:
    paid = shared.paid()
    refunds = shared.client().v1.refunds
    for amount, whole in ((300, False), (200, False), (500, True)):
        refunds.create({"charge": paid["charge"], "amount": amount})
        charge = shared.client().v1.charges.retrieve(paid["charge"], {"expand": ["refunds"]})
        assert charge.refunded is whole
    assert charge.refunds is not None
    assert [refund.amount for refund in charge.refunds.data] == [500, 200, 300]
    listed = refunds.list({"payment_intent": paid["payment_intent"]})
    assert sum(refund.amount for refund in listed.data) == 1000
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refunds.create({"charge": paid["charge"]})
    assert refusal.value.code == "charge_already_refunded"


def test_more_than_is_left_is_refused(shared: SandboxProcess) -> None:
    paid = shared.paid()
    with pytest.raises(stripe.InvalidRequestError, match=r"£10\.01.*£10\.00") as refusal:
        shared.client().v1.refunds.create({"charge": paid["charge"], "amount": 1001})
    assert refusal.value.param == "amount"
    assert shared.client().v1.charges.retrieve(paid["charge"]).amount_refunded == 0


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "parameter_missing"),
        ({"payment_intent": "pi_none"}, "resource_missing"),
        ({"charge": "ch_none"}, "resource_missing"),
        ({"payment_intent": "pi_none", "amount": 0}, "parameter_invalid_integer"),
        ({"payment_intent": "pi_none", "sum": 5}, "parameter_unknown"),
    ],
)
def test_refunds_that_make_no_sense(shared: SandboxProcess, params: dict[str, object], code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shared.client().v1.refunds.create(params)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_an_unpaid_intent_cannot_be_refunded(shared: SandboxProcess) -> None:
    answer = shared.control("pay", {"session": shared.session().id, "card": "4000000000000002"})
    assert answer["outcome"] == "declined"
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        shared.client().v1.refunds.create({"payment_intent": answer["payment_intent"]})


def test_as_from_the_dashboard(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid = sandbox.paid()
    refund = sandbox.control("refund", {"payment_intent": paid["payment_intent"], "amount": 250})
    assert refund["amount"] == 250
    event = receiver.wait_for("charge.refunded")
    assert event.data.object["amount_refunded"] == 250
    assert event.request is not None
    assert event.request.id is None
    assert sandbox.state_now()["sums"]["gbp"]["refunded"] == 250


def test_refund_metadata_is_merged(shared: SandboxProcess) -> None:
    refund = shared.client().v1.refunds.create(
        {"charge": shared.paid()["charge"], "metadata": {"a": "1", "b": "2", "d": ""}}
    )
    assert refund.metadata is not None
    assert refund.metadata.to_dict() == {"a": "1", "b": "2"}
    changed = shared.client().v1.refunds.update(refund.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
