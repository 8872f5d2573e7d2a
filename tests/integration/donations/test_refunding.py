"""Money that goes back: asked for here or in the dashboard, in parts, twice, with Stripe failing, and returned by banks."""

import threading

import pytest
from flask import Flask
from sqlalchemy import update

from campaign.audit.models import AuditEntry
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.identifiers import new_public_id
from campaign.donations.models import Alarm, AlarmKind, DonationMove, DonationState, Payment, Refund, RefundState
from campaign.donations.queries import totals
from campaign.donations.refunding import TooMuch, UnderDispute, Wish, ask_refund
from tests.factories import make_campaign
from tests.integration.donations.conftest import Money

PAID = "checkout.session.completed"


class Given:
    """A gift of £10 that arrived, and ways to give it back."""

    def __init__(self, money: Money, **more: str) -> None:
        self.money = money
        self.campaign = make_campaign()
        self.donation = money.give(self.campaign)
        self.paid = money.pay(self.donation, **more)
        money.hear(PAID)

    def ask(self, amount_minor: int, *, key: str = "", reason: str = "Given by mistake") -> Refund:
        with transaction() as session:
            (payment,) = self.money.rows(Payment)
            wish = Wish(payment_id=payment.id, amount_minor=amount_minor, reason=reason)
            return ask_refund(
                session, self.donation, wish, form_key=key or new_public_id(), actor="admin@lantern.example",
                now=clock.now(),
            )  # fmt: skip

    def make(self) -> None:
        self.money.ask_stripe()

    def make_due(self) -> None:
        with transaction() as session:
            session.execute(update(Refund).values(available_at=clock.now()))

    @property
    def refunds(self) -> list[tuple[int, RefundState]]:
        return [(refund.amount_minor, refund.state) for refund in self.money.rows(Refund)]

    @property
    def state(self) -> DonationState:
        return self.money.donations()[0].state

    def sum(self) -> list[tuple[str, int, int]]:
        db.session.rollback()
        return totals(db.session(), self.campaign.id)

    def at_stripe(self) -> list[int]:
        found = self.money.sandbox.client().v1.refunds.list({"payment_intent": self.paid["payment_intent"]})
        return sorted(refund.amount for refund in found.data)


@pytest.fixture
def given(money: Money) -> Given:
    return Given(money)


def test_two_partial_refunds(given: Given) -> None:
    given.ask(300)
    given.make()
    assert (given.state, given.sum()) == (DonationState.PARTIALLY_REFUNDED, [("GBP", 700, 1)])
    given.ask(700)
    given.make()
    assert (given.state, given.sum()) == (DonationState.REFUNDED, [])
    assert given.refunds == [(300, RefundState.SUCCEEDED), (700, RefundState.SUCCEEDED)]
    assert given.at_stripe() == [300, 700]
    for _ in range(2):  # Stripe's news of them adds nothing
        given.money.hear("charge.refunded")
        given.money.hear("refund.updated")
    assert len(given.refunds) == 2
    moves = [(move.to_state, move.cause) for move in given.money.rows(DonationMove)]
    assert moves[-2:] == [(DonationState.PARTIALLY_REFUNDED, "refund"), (DonationState.REFUNDED, "refund")]
    trail = [entry for entry in given.money.rows(AuditEntry) if entry.action == "donation.refunded"]
    assert [(entry.actor, entry.reason, entry.details["amount_minor"]) for entry in trail] == [
        ("admin@lantern.example", "Given by mistake", 300),
        ("admin@lantern.example", "Given by mistake", 700),
    ]


@pytest.mark.parametrize("amount_minor", [1001, 0, -1])
def test_over_refund_refused(given: Given, amount_minor: int) -> None:
    with pytest.raises(TooMuch):
        given.ask(amount_minor)
    given.ask(600)  # not even made yet
    with pytest.raises(TooMuch) as refused:
        given.ask(401)
    assert refused.value.left_minor == 400
    given.make()
    with pytest.raises(TooMuch):
        given.ask(401)
    assert given.at_stripe() == [600]


def test_over_refund_by_two_hands_at_once(given: Given, app: Flask) -> None:
    outcomes: list[str] = []

    def ask() -> None:
        with app.app_context():
            try:
                given.ask(600)
            except TooMuch:
                outcomes.append("refused")
            else:
                outcomes.append("asked")

    hands = [threading.Thread(target=ask) for _ in range(6)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(outcomes) == ["asked"] + ["refused"] * 5


def test_over_refund_refused_by_stripe(given: Given) -> None:
    given.ask(800)
    given.money.refund(given.paid, amount=500)  # from the dashboard, of which we have not heard
    given.make()
    assert sorted(given.refunds) == [(500, RefundState.SUCCEEDED), (800, RefundState.REFUSED)]
    assert given.sum() == [("GBP", 500, 1)]
    assert [alarm.kind for alarm in given.money.rows(Alarm)] == [AlarmKind.REFUND_REFUSED]


def test_double_click_refund(given: Given) -> None:
    first, second = given.ask(300, key="one-form"), given.ask(300, key="one-form")
    given.make()
    assert first.id == second.id
    assert given.ask(300, key="one-form").id == first.id
    given.make()
    assert given.refunds == [(300, RefundState.SUCCEEDED)]
    assert given.at_stripe() == [300]


def test_dashboard_refund(given: Given) -> None:
    given.money.refund(given.paid, amount=250)
    given.money.hear("refund.created")
    (refund,) = given.money.rows(Refund)
    assert (refund.amount_minor, refund.state, refund.requested_by) == (250, RefundState.SUCCEEDED, "")
    assert (given.state, given.sum()) == (DonationState.PARTIALLY_REFUNDED, [("GBP", 750, 1)])


def test_refund_failed_later(money: Money) -> None:
    given = Given(money)
    given.ask(1000)
    given.make()
    assert (given.state, given.sum()) == (DonationState.REFUNDED, [])
    (refund,) = money.rows(Refund)
    money.sandbox.control("refund/fail", {"refund": refund.stripe_id})
    money.hear("refund.failed")
    assert given.refunds == [(1000, RefundState.FAILED)]
    assert (given.state, given.sum()) == (DonationState.SUCCEEDED, [("GBP", 1000, 1)])
    assert [(alarm.kind, alarm.subject) for alarm in money.rows(Alarm)] == [(AlarmKind.REFUND_FAILED, refund.stripe_id)]
    given.ask(1000)  # and it may be tried again
    given.make()
    assert given.state is DonationState.REFUNDED


def test_a_refund_that_takes_time_is_taken_off_at_once(money: Money) -> None:
    given = Given(money, card="4000000000007726")
    given.ask(400)
    given.make()
    assert given.refunds == [(400, RefundState.PENDING)]
    assert given.sum() == [("GBP", 600, 1)]
    money.sandbox.control("time", {"advance_seconds": 120})
    money.hear("refund.updated")
    assert given.refunds == [(400, RefundState.SUCCEEDED)]
    assert given.sum() == [("GBP", 600, 1)]


@pytest.mark.parametrize("kind", ["500", "503", "act_then_timeout", "act_then_500"])
def test_refund_with_stripe_failing(given: Given, kind: str) -> None:
    fault = {"match": "POST /v1/refunds", "kind": kind, "seconds": 0.1}
    given.money.sandbox.control("faults", {"next": [fault]})
    given.ask(300)
    given.make()
    assert given.refunds == [(300, RefundState.WANTED)]
    given.make_due()
    given.make()
    assert given.refunds == [(300, RefundState.SUCCEEDED)]
    assert given.at_stripe() == [300]


def test_refund_heard_of_before_our_own_answer(given: Given) -> None:
    """Stripe acts and is silent; its webhook comes first and finds the row that asked."""
    fault = {"match": "POST /v1/refunds", "kind": "act_then_timeout", "seconds": 0.1, "times": 2}
    given.money.sandbox.control("faults", {"next": [fault]})
    given.ask(300)
    given.make()
    given.money.hear("refund.created")
    assert given.refunds == [(300, RefundState.SUCCEEDED)]
    given.make_due()
    given.make()
    assert given.at_stripe() == [300]


def test_refund_after_the_key_was_forgotten_is_not_made_twice(given: Given) -> None:
    """Stripe forgets keys after a day; a worker that comes back later finds the refund by our reference."""
    fault = {"match": "POST /v1/refunds", "kind": "act_then_timeout", "seconds": 0.1, "times": 2}
    given.money.sandbox.control("faults", {"next": [fault]})
    given.ask(300)
    given.make()
    given.money.sandbox.control("faults", {"next": [{"match": "POST /v1/refunds", "kind": "500", "times": 9}]})
    given.make_due()
    given.make()  # every further try to ask would fail: it is not asked again
    assert given.refunds == [(300, RefundState.SUCCEEDED)]


def test_refund_blocked_during_a_dispute(given: Given) -> None:
    given.money.sandbox.control("dispute", {"payment_intent": given.paid["payment_intent"]})
    given.money.hear("charge.dispute.created")
    with pytest.raises(UnderDispute):
        given.ask(100)
    given.money.sandbox.control("dispute/win", {"payment_intent": given.paid["payment_intent"]})
    given.money.hear("charge.dispute.closed")
    given.ask(100)
    given.make()
    assert given.sum() == [("GBP", 900, 1)]
