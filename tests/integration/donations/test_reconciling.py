"""Our ledger and Stripe's, compared: what was missed is found, what matches nothing is listed, twice is as once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import events, reconciling
from campaign.donations.models import (
    Dispute,
    DisputeState,
    DonationState,
    EventState,
    MonthlyGift,
    MonthlyGiftState,
    Payment,
    Refund,
    RefundState,
    StripeEvent,
    SyncRun,
    SyncState,
    UnmatchedObject,
)
from campaign.donations.queries import totals
from campaign.worker.reconciling import Findings, reconcile, reconcile_due
from tests.factories import make_campaign
from tests.integration.donations.conftest import Money

pytestmark = pytest.mark.usefixtures("empty_book")


PAID = "checkout.session.completed"


def lose_all_events(money: Money) -> None:
    """As if everything had happened longer ago than Stripe keeps events."""
    with transaction() as session:
        events.store(session, money.gateway.notices_since(clock.now() - timedelta(days=30)), now=clock.now())
        session.execute(update(StripeEvent).values(state=EventState.IGNORED))


def compare(money: Money) -> Findings:
    found = reconcile(money.gateway, days=30)
    db.session.rollback()
    return found


def unmatched(money: Money) -> set[str]:
    return {row.stripe_id for row in money.rows(UnmatchedObject) if row.resolved_at is None}


def test_payments_refunds_and_disputes_that_no_event_tells_of(money: Money) -> None:
    campaign = make_campaign()
    refunded, disputed, won = (money.pay(money.give(campaign, amount=amount)) for amount in ("10", "20", "30"))
    money.refund(refunded, amount=400)
    for paid in (disputed, won):
        money.sandbox.control("dispute", {"payment_intent": paid["payment_intent"]})
    money.sandbox.control("dispute/lose", {"payment_intent": disputed["payment_intent"]})
    money.sandbox.control("dispute/win", {"payment_intent": won["payment_intent"]})
    lose_all_events(money)
    assert compare(money).settled == 3
    assert totals(db.session(), campaign.id) == [("GBP", 600 + 3000, 1)]
    db.session.rollback()
    assert [row.state for row in money.rows(Refund)] == [RefundState.SUCCEEDED]
    assert {row.state for row in money.rows(Dispute)} == {DisputeState.LOST, DisputeState.WON}
    assert all(row.fee_minor is not None for row in money.rows(Payment))
    ours = {refunded["charge"], disputed["charge"], won["charge"]}
    assert not ours & unmatched(money)
    assert compare(money).settled == 0


def test_news_that_came_after_the_payment_was_written_down(money: Money) -> None:
    campaign = make_campaign()
    paid = money.pay(money.give(campaign))
    money.hear(PAID)
    money.refund(paid, amount=300)
    lose_all_events(money)
    assert compare(money).settled == 1
    (refund,) = money.rows(Refund)
    assert totals(db.session(), campaign.id) == [("GBP", 700, 1)]
    money.sandbox.control("refund/fail", {"refund": refund.stripe_id})
    lose_all_events(money)
    assert compare(money).settled == 1
    assert money.rows(Refund)[0].state is RefundState.FAILED
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
    db.session.rollback()


def test_a_checkout_of_which_we_never_heard(money: Money) -> None:
    """Stripe acted and was silent, the donor paid, and no event came: the balance shows it."""
    campaign = make_campaign()
    fault = {"match": "POST /v1/checkout/sessions", "kind": "act_then_timeout", "seconds": 0.1, "times": 2}
    money.sandbox.control("faults", {"next": [fault]})
    assert money.send(campaign).status_code == 503
    (donation,) = money.donations()
    sessions = money.sandbox.client().v1.checkout.sessions.list({"limit": 5}).data
    (session,) = [one for one in sessions if one.client_reference_id == donation.public_id]
    money.sandbox.control("pay", {"session": session.id})
    lose_all_events(money)
    compare(money)
    assert money.donations()[0].state is DonationState.SUCCEEDED
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
    db.session.rollback()


def test_monthly_gifts(money: Money) -> None:
    campaign = make_campaign()
    paid = money.pay(money.give(campaign, frequency="monthly", amount="5"))
    lose_all_events(money)
    compare(money)
    (gift,) = money.rows(MonthlyGift)
    assert (gift.subscription, gift.state) == (paid["subscription"], MonthlyGiftState.ACTIVE)
    money.sandbox.client().v1.subscriptions.cancel(gift.subscription)
    lose_all_events(money)
    compare(money)
    assert money.rows(MonthlyGift)[0].state is MonthlyGiftState.CANCELED
    assert totals(db.session(), campaign.id) == [("GBP", 500, 1)]
    db.session.rollback()


def test_a_subscription_of_nobody_here_is_listed(money: Money) -> None:
    campaign = make_campaign()
    paid = money.pay(money.give(campaign, frequency="monthly", amount="5"))
    money.hear(PAID)
    lose_the_rows()
    lose_all_events(money)
    compare(money)
    assert {paid["subscription"], paid["charge"]} <= unmatched(money)


def lose_the_rows() -> None:
    """As after going back to an old copy of the database."""
    with transaction() as session:
        for table in ("receipt", "donation_move", "payment", "monthly_gift", "donation"):
            session.execute(delete(db.metadata.tables[table]))


def test_what_finds_its_place_leaves_the_list(money: Money) -> None:
    paid = money.sandbox.paid(777)
    compare(money)
    assert paid["charge"] in unmatched(money)
    donation = money.give(make_campaign())
    with transaction() as session:
        session.add(
            Payment(
                donation_id=donation.id, campaign_id=donation.campaign_id, payment_intent=paid["payment_intent"],
                charge=paid["charge"], amount_minor=777, currency="GBP", paid_at=clock.now(),
                balance_transaction=money.sandbox.client().v1.charges.retrieve(paid["charge"]).balance_transaction,
            )
        )  # fmt: skip
    compare(money)
    assert paid["charge"] not in unmatched(money)


def test_a_payment_that_stripe_does_not_know_is_listed(money: Money) -> None:
    donation = money.give(make_campaign())
    with transaction() as session:
        session.add(
            Payment(
                donation_id=donation.id, campaign_id=donation.campaign_id, payment_intent="pi_invented",
                charge="ch_invented", amount_minor=777, currency="GBP", paid_at=clock.now() - timedelta(hours=1),
            )
        )  # fmt: skip
    compare(money)
    assert "ch_invented" in unmatched(money)


def test_stripe_away_puts_the_comparison_off(money: Money) -> None:
    money.sandbox.control("faults", {"next": [{"kind": "503", "times": 4}]})
    # Two calls and no more: where a comparison takes long, what was put off is due again.
    assert [reconcile_due(money.gateway) for _ in range(2)] == [1, 1]
    put_off = [(run.state, run.error) for run in money.rows(SyncRun) if run.error]
    assert put_off
    assert set(put_off) == {(SyncState.WANTED, "GatewayUnavailable")}
    with transaction() as session:
        session.execute(update(SyncRun).values(available_at=clock.now()))
    while reconcile_due(money.gateway):
        pass
    assert {run.state for run in money.rows(SyncRun)} == {SyncState.DONE}


@pytest.mark.parametrize("times", [2])
def test_two_timetables_compare_once(money: Money, times: int) -> None:
    hours = [clock.now().hour]
    for _ in range(times):
        while reconcile_due(money.gateway):
            pass
        hours.append(clock.now().hour)  # another one may have begun meanwhile
    slots: list[Any] = [run.slot.split()[0] for run in money.rows(SyncRun)]
    assert sorted(slots) == ["day", *["hour"] * len(set(hours))]


@pytest.mark.parametrize("state", [SyncState.DONE, SyncState.WANTED])
def test_a_comparison_leaves_no_time_out_after_a_long_outage(money: Money, state: SyncState) -> None:
    """Nothing ran for two months: longer than Stripe keeps events, and than a comparison looks back by itself.

    The same where the worker was killed in every comparison that it ever began.
    """
    campaign = make_campaign()
    with transaction() as session:
        long_ago = clock.now() - timedelta(days=1)
        reconciling.ask(session, "before", days=2, asked_by="test", now=long_ago)
        session.execute(update(SyncRun).values(state=state))
    paid = money.pay(money.give(campaign, frequency="monthly", amount="5"))
    money.hear(PAID)
    money.sandbox.control("bill", {"subscription": paid["subscription"]})  # only the balance still shows this month
    lose_all_events(money)
    clock.set_offset(60 * 86400)
    try:
        assert reconcile(money.gateway, days=2).settled >= 1
    finally:
        clock.set_offset(0)
    db.session.rollback()
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
    db.session.rollback()
