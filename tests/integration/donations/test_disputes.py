"""Disputes: what is contested is not counted, what was won counts again, and a question takes nothing."""

import pytest

from campaign.core.database import db
from campaign.donations.models import Alarm, AlarmKind, Dispute, DisputeState, DonationState, Payment
from campaign.donations.queries import totals
from campaign.donations.refunding import left_to_refund
from tests.factories import make_campaign
from tests.integration.donations.conftest import Money

PAID = "checkout.session.completed"


class Contested:
    """A gift of £10 that arrived, and what banks do about it."""

    def __init__(self, money: Money) -> None:
        self.money = money
        self.campaign = make_campaign()
        self.paid = money.pay(money.give(self.campaign))
        money.hear(PAID)

    def bank(self, act: str, **more: object) -> None:
        self.money.sandbox.control(act, {"payment_intent": self.paid["payment_intent"], **more})

    @property
    def state(self) -> DonationState:
        return self.money.donations()[0].state

    def sum(self) -> list[tuple[str, int, int]]:
        db.session.rollback()
        return totals(db.session(), self.campaign.id)


@pytest.fixture
def contested(money: Money) -> Contested:
    return Contested(money)


def test_dispute_won(contested: Contested) -> None:
    contested.bank("dispute", reason="product_not_received")
    contested.money.hear("charge.dispute.created")
    (dispute,) = contested.money.rows(Dispute)
    assert (dispute.state, dispute.amount_minor, dispute.reason) == ("needs_response", 1000, "product_not_received")
    assert dispute.due_by > dispute.opened_at
    assert dispute.fee_minor == 2000
    assert (contested.state, contested.sum()) == (DonationState.DISPUTED, [])
    contested.bank("dispute/win")
    contested.money.hear("charge.dispute.closed")
    contested.money.hear("charge.dispute.created")  # late
    assert contested.money.rows(Dispute)[0].state is DisputeState.WON
    assert (contested.state, contested.sum()) == (DonationState.SUCCEEDED, [("GBP", 1000, 1)])


def test_dispute_lost(contested: Contested) -> None:
    contested.bank("dispute")
    contested.bank("dispute/lose")
    contested.money.hear("charge.dispute.closed")
    assert (contested.state, contested.sum()) == (DonationState.DISPUTED, [])
    (payment,) = contested.money.rows(Payment)
    assert payment.disputed_minor == 1000
    assert left_to_refund(db.session(), payment) == 0
    db.session.rollback()


def test_dispute_of_a_part_after_a_refund(contested: Contested) -> None:
    contested.money.refund(contested.paid, amount=300)
    contested.bank("dispute", amount=500)
    contested.money.hear("charge.dispute.created")
    assert contested.sum() == [("GBP", 200, 1)]
    contested.bank("dispute/win")
    contested.money.hear("charge.dispute.funds_reinstated")
    assert (contested.state, contested.sum()) == (DonationState.PARTIALLY_REFUNDED, [("GBP", 700, 1)])


def test_an_inquiry_takes_nothing(contested: Contested) -> None:
    contested.bank("dispute", kind="inquiry")
    contested.money.hear("charge.dispute.created")
    assert contested.money.rows(Dispute)[0].state is DisputeState.WARNING_NEEDS_RESPONSE
    assert (contested.state, contested.sum()) == (DonationState.SUCCEEDED, [("GBP", 1000, 1)])


def test_early_fraud_warning(contested: Contested) -> None:
    contested.bank("fraud_warning")
    for _ in range(2):
        contested.money.hear("radar.early_fraud_warning.created")
    (alarm,) = contested.money.rows(Alarm)
    assert (alarm.kind, alarm.subject) == (AlarmKind.FRAUD_WARNING, contested.paid["payment_intent"])
    assert alarm.donation_id == contested.money.donations()[0].id
