"""`flask stripe sync` and `flask stripe replay`."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import events
from campaign.donations.models import Donation, DonationState, EventState, StripeEvent
from campaign.donations.queries import totals
from tests.factories import make_campaign
from tests.integration.donations.conftest import Money

pytestmark = pytest.mark.usefixtures("empty_book")


PAID = "checkout.session.completed"


@pytest.fixture
def stripe_command(app: Flask):  # type: ignore[no-untyped-def]
    runner = app.test_cli_runner()
    return lambda *args: runner.invoke(args=["stripe", *args])


def test_sync_finds_what_webhooks_lost(money: Money, stripe_command) -> None:  # type: ignore[no-untyped-def]
    campaign = make_campaign()
    first, second = money.give(campaign), money.give(campaign, amount="25")
    money.pay(first)
    money.refund(money.pay(second), amount=500)
    result = stripe_command("sync", "--days", "2")
    assert result.exit_code == 0, result.output
    assert totals(db.session(), campaign.id) == [("GBP", 3000, 1)]
    assert stripe_command("sync").output.startswith("0 events were missing")


def test_sync_asks_about_donations_that_no_event_tells_of(money: Money, stripe_command) -> None:  # type: ignore[no-untyped-def]
    campaign = make_campaign()
    donation, _young = money.give(campaign), money.give(campaign)
    money.pay(donation)
    with transaction() as session:
        # As if all had happened longer ago than Stripe keeps events.
        session.execute(
            update(Donation)
            .where(Donation.id == donation.id)
            .values(created_at=donation.created_at - timedelta(minutes=11))
        )
        events.store(session, money.gateway.notices_since(clock.now() - timedelta(days=30)), now=clock.now())
        session.execute(update(StripeEvent).values(state=EventState.IGNORED))
    result = stripe_command("sync")
    assert "0 events were missing, 0 applied, 1 gifts settled" in result.output
    assert [row.state for row in money.donations()] == [DonationState.SUCCEEDED, DonationState.OPEN]


def test_replay(money: Money, stripe_command) -> None:  # type: ignore[no-untyped-def]
    campaign = make_campaign()
    money.pay(money.give(campaign))
    event = money.event(PAID)
    for _ in range(2):  # fetched from Stripe at first, then from our own inbox
        result = stripe_command("replay", event.id)
        assert (result.exit_code, result.output.strip()) == (0, f"{event.id} processed")
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]


def test_failures_are_told_in_a_sentence(money: Money, stripe_command) -> None:  # type: ignore[no-untyped-def]
    unknown = stripe_command("replay", "evt_unknown")
    assert unknown.exit_code != 0
    assert "There is no event evt_unknown" in unknown.output
    money.sandbox.control("faults", {"next": [{"kind": "503", "times": 2}]})
    away = stripe_command("sync")
    assert away.exit_code != 0
    assert "Stripe could not be asked" in away.output
    assert "Traceback" not in away.output
