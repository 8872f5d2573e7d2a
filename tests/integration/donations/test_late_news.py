"""Gifts that come too late, disputes that end well, and checkouts that were given up."""

import json
import sqlite3
from dataclasses import replace

import pytest

from campaign.campaigns.models import CampaignState
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed
from campaign.donations.giving import Gift, give
from campaign.donations.models import Donation, DonationState, Payment
from campaign.donations.queries import totals
from campaign.donations.settling import settle
from campaign.donations.standing import Standing
from tests.factories import make_campaign
from tests.integration.donations.conftest import FORM, Money

PAID = "checkout.session.completed"
GIFT = Gift(amount_minor=1000, currency="GBP", name="Ada Lovelace", email="ada@example.org")


@pytest.mark.parametrize(
    "values", [{"state": CampaignState.CLOSED}, {"closes_at": clock.now()}, {"takes_donations": False}]
)
def test_the_room_takes_no_gift_for_a_campaign_that_takes_none(money: Money, values: dict[str, object]) -> None:
    campaign = make_campaign(**values)
    with pytest.raises(Closed), transaction() as session:
        give(session, campaign, GIFT, key="k", hash_key="h", language="en", now=clock.now())
    assert money.donations() == []


def test_the_form_takes_none_either_once_the_time_has_come(money: Money) -> None:
    campaign = make_campaign()
    key = money.show_form(campaign)
    with transaction() as session:
        session.get_one(type(campaign), campaign.id).closes_at = clock.now()
    path = f"/campaigns/{campaign.slug}/donate"
    answer = money.client.post(path, data={**FORM, "idempotency_key": key})
    assert answer.status_code == 410
    assert f'href="/campaigns/{campaign.slug}"' in answer.text
    assert money.client.get(path).status_code == 410
    assert money.donations() == []


def decide_dispute(money: Money, status: str) -> None:
    """End the newest dispute as the bank would; the charge stays marked as disputed, as it does at Stripe."""
    with sqlite3.connect(money.sandbox.state, isolation_level=None, timeout=10) as store:
        row_id, body = store.execute(
            "SELECT id, body FROM objects WHERE kind = 'dispute' ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        store.execute(
            "UPDATE objects SET body = ? WHERE id = ?", (json.dumps(json.loads(body) | {"status": status}), row_id)
        )
    store.close()


@pytest.mark.parametrize(
    ("status", "state", "sums"),
    [
        ("under_review", DonationState.DISPUTED, []),
        ("lost", DonationState.DISPUTED, []),
        ("won", DonationState.SUCCEEDED, [("GBP", 1000, 1)]),
        ("warning_closed", DonationState.SUCCEEDED, [("GBP", 1000, 1)]),
    ],
)
def test_a_gift_counts_again_once_its_dispute_was_won(
    money: Money, status: str, state: DonationState, sums: list[tuple[str, int, int]]
) -> None:
    campaign = make_campaign()
    paid = money.pay(money.give(campaign), card="4000000000000259")
    money.hear(PAID)
    assert totals(db.session(), campaign.id) == []
    decide_dispute(money, status)
    standing = money.gateway.standing(paid["payment_intent"])
    assert standing
    assert standing.paid
    with transaction() as session:
        settle(session, standing, cause="test", now=clock.now())
    assert money.donations()[0].state is state
    assert totals(db.session(), campaign.id) == sums
    assert money.rows(Payment)[0].disputed_minor == (1000 if sums == [] else 0)


def earlier_checkout(money: Money, donation: Donation) -> str:
    """A checkout of the same donation that was opened before the present one, and forgotten."""
    tag = {"donation": donation.public_id}
    return money.sandbox.session(
        client_reference_id=donation.public_id, metadata=tag, payment_intent_data={"metadata": tag, "description": "x"}
    ).id


def test_an_abandoned_checkout_that_expires_undoes_nothing(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    old = earlier_checkout(money, donation)
    money.sandbox.client().v1.checkout.sessions.expire(old)
    money.hear("checkout.session.expired")
    after = money.donations()[0]
    assert (after.state, after.checkout_session) == (DonationState.OPEN, donation.checkout_session)
    money.pay(donation)
    money.hear(PAID)
    assert money.donations()[0].state is DonationState.SUCCEEDED
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]


def test_an_abandoned_checkout_does_not_undo_the_paid_one_or_overtake_its_news(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    money.pay(donation)
    asked_before = money.gateway.standing(donation.checkout_session or "")
    late = Standing(
        donation=donation.public_id, state=DonationState.EXPIRED, asked_at=clock.now(), checkout_session="cs_old"
    )
    assert asked_before
    with transaction() as session:
        settle(session, late, cause="test", now=clock.now())
        settle(
            session, asked_before, cause="test", now=clock.now()
        )  # still the newest word about the checkout that counts
        settle(session, replace(late, asked_at=clock.now()), cause="test", now=clock.now())
    after = money.donations()[0]
    assert (after.state, after.checkout_session) == (DonationState.SUCCEEDED, donation.checkout_session)
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]


def test_money_that_arrives_through_an_abandoned_checkout_counts(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    money.sandbox.control("pay", {"session": earlier_checkout(money, donation)})
    money.hear(PAID)
    assert money.donations()[0].state is DonationState.SUCCEEDED
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
