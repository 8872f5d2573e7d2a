"""What Stripe says, in any order and as often as it likes, ends in the same rows."""

import json
import threading
from datetime import timedelta

import pytest
from flask import Flask

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.links import Links
from campaign.core.tokens import Tokens
from campaign.donations import events
from campaign.donations.listing import list_donations
from campaign.donations.models import Donation, DonationState, EventState, Payment, StripeEvent
from campaign.donations.queries import list_events, totals
from campaign.donations.settling import Overtaken, settle
from campaign.mail.models import MailKind, OutboxMessage
from campaign.worker.payments import apply_events
from campaign.worker.receipts import donation_receipt
from tests.factories import make_campaign
from tests.integration.donations.conftest import Money, Site
from tests.integration.sandbox.process import line, wait_until

TOKENS = Tokens(("k" * 32,))
PAID, EXPIRED = "checkout.session.completed", "checkout.session.expired"


def test_duplicate_event_serial(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    money.pay(donation)
    for _ in range(3):
        money.hear(PAID)
    assert money.donations()[0].state is DonationState.SUCCEEDED
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
    (mail,) = money.rows(OutboxMessage)
    assert (mail.kind, mail.object_id) == (MailKind.DONATION_RECEIPT, money.rows(Payment)[0].id)
    found = donation_receipt(db.session(), mail.object_id, Links("http://campaign.test"), TOKENS)
    assert found
    address, context, _facts = found
    assert (address, context["first_name"]) == ("ada@example.org", "Ada")
    assert context["donation_url"] == f"http://campaign.test/donations/{donation.public_id}"


def test_duplicate_event_50_at_once(money: Money, live: Site, app: Flask) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    money.sandbox.control("webhooks", {"mode": "duplicate", "times": 50, "types": [PAID]})
    money.pay(donation)
    wait_until(lambda: len(money.rows(StripeEvent)) >= 3, "the webhooks arrive")

    def work() -> None:
        with app.app_context():
            while apply_events(money.gateway):
                pass

    def look() -> None:
        with app.test_client() as browser:
            assert browser.get(f"/donations/{donation.public_id}").status_code == 200

    threads = [threading.Thread(target=job) for job in (work, look) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: _all_delivered(money), "all fifty are delivered")
    money.work()
    assert len([row for row in money.rows(StripeEvent) if row.type == PAID]) == 1
    assert len(money.rows(Payment)) == 1
    assert len(money.rows(OutboxMessage)) == 1
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]


def _all_delivered(money: Money) -> bool:
    return not money.sandbox.state_now()["webhooks"]["pending"]


def test_news_of_one_donation_by_many_hands_at_once(money: Money, app: Flask) -> None:
    """Paid and refunded in parts while pages and workers ask: the last word is the one that stays."""
    campaign = make_campaign()
    donation = money.give(campaign)
    paid = money.pay(donation)
    money.refund(paid, amount=100)
    money.refund(paid, amount=300)
    for event in money.sandbox.client().v1.events.list({"limit": 20}).data:
        money.deliver(str(event))

    def work() -> None:
        with app.app_context():
            while apply_events(money.gateway):
                pass

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _retry_put_off(money)
    assert totals(db.session(), campaign.id) == [("GBP", 600, 1)]
    assert money.donations()[0].state is DonationState.PARTIALLY_REFUNDED
    assert len(money.rows(OutboxMessage)) == 1


def _retry_put_off(money: Money) -> None:
    with transaction() as session:
        session.query(StripeEvent).update({"available_at": clock.now()})
    money.work()
    assert EventState.RECEIVED not in {row.state for row in money.rows(StripeEvent)}


def test_refund_before_completed(money: Money) -> None:
    campaign = make_campaign()
    paid = money.pay(money.give(campaign))
    money.refund(paid, amount=250)
    money.hear("charge.refunded")
    assert money.donations()[0].state is DonationState.PARTIALLY_REFUNDED
    money.hear(PAID)
    assert money.donations()[0].state is DonationState.PARTIALLY_REFUNDED
    assert totals(db.session(), campaign.id) == [("GBP", 750, 1)]
    assert len(money.rows(OutboxMessage)) == 1


def test_dashboard_refund_lowers_the_total(money: Money) -> None:
    campaign = make_campaign()
    first, second = money.give(campaign), money.give(campaign, email="grace@example.org", amount="25")
    paid = money.pay(first)
    money.hear(PAID)
    money.pay(second)
    money.hear(PAID)
    assert totals(db.session(), campaign.id) == [("GBP", 3500, 2)]
    money.refund(paid)
    money.hear("charge.refunded")
    assert totals(db.session(), campaign.id) == [("GBP", 2500, 1)]
    assert money.donations()[0].state is DonationState.REFUNDED
    assert "given back" in money.client.get(f"/donations/{first.public_id}").text


def test_expired_after_completed(money: Money) -> None:
    """Of the checkout that was paid, an event that is not true; of another one of that gift, one that is."""
    campaign = make_campaign()
    donation = money.give(campaign)
    money.pay(donation)
    money.hear(PAID)
    told = money.event(PAID).to_dict()
    told["data"]["object"] |= {"status": "expired", "payment_status": "unpaid"}
    assert money.deliver(json.dumps(told | {"id": "evt_late", "type": EXPIRED}, default=str)).status_code == 200
    tag = {"donation": donation.public_id}
    more = {"metadata": tag, "payment_intent_data": {"metadata": tag, "description": "A second tab"}}
    other = money.sandbox.session(client_reference_id=donation.public_id, **more)
    money.sandbox.client().v1.checkout.sessions.expire(other.id)
    money.hear(EXPIRED)
    assert [row.type for row in money.rows(StripeEvent) if row.state is EventState.PROCESSED] == [
        PAID,
        EXPIRED,
        EXPIRED,
    ]
    assert money.donations()[0].state is DonationState.SUCCEEDED
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]


def test_an_older_word_of_the_paid_checkout(money: Money) -> None:
    """Even if Stripe itself said so, money that has come stays."""
    donation = money.give(make_campaign())
    money.pay(donation)
    money.hear(PAID)
    with transaction() as session:
        standing = money.gateway.standing(donation.checkout_session or "")
        assert standing
        late = type(standing)(
            donation=standing.donation,
            state=DonationState.EXPIRED,
            asked_at=clock.now(),
            checkout_session=standing.checkout_session,
        )
        settle(session, late, cause="test", now=clock.now())
    assert money.donations()[0].state is DonationState.SUCCEEDED


def test_an_expired_checkout(money: Money) -> None:
    donation = money.give(make_campaign())
    money.sandbox.client().v1.checkout.sessions.expire(donation.checkout_session or "")
    money.hear(EXPIRED)
    assert money.donations()[0].state is DonationState.EXPIRED
    assert "did not go through" in money.client.get(f"/donations/{donation.public_id}").text


def test_an_older_answer_does_not_overwrite_a_newer_one(money: Money) -> None:
    donation = money.give(make_campaign())
    paid = money.pay(donation)
    older = money.gateway.standing(paid["payment_intent"])
    assert older
    money.refund(paid)
    money.hear("charge.refunded")
    with pytest.raises(Overtaken), transaction() as session:
        settle(session, older, cause="test", now=clock.now())
    assert money.donations()[0].state is DonationState.REFUNDED


@pytest.mark.parametrize(("amount", "currency"), [(100, "gbp"), (1000, "eur")])
def test_paid_amount_differs_from_asked(money: Money, amount: int, currency: str) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    tag = {"donation": donation.public_id}
    session = money.sandbox.session(
        client_reference_id=donation.public_id,
        metadata=tag,
        payment_intent_data={"metadata": tag, "description": "Tampered"},
        line_items=[line(amount, currency)],
    )
    money.sandbox.control("pay", {"session": session.id})
    money.hear(PAID)
    (payment,) = money.rows(Payment)
    assert payment.mismatched
    assert money.donations()[0].state is DonationState.PROCESSING
    assert totals(db.session(), campaign.id) == []
    assert money.rows(OutboxMessage) == []


def test_a_disputed_gift_is_not_counted(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    money.pay(donation, card="4000000000000259")
    money.hear(PAID)
    assert money.donations()[0].state is DonationState.DISPUTED
    assert totals(db.session(), campaign.id) == []


def test_campaigns_and_currencies_are_never_mixed(money: Money) -> None:
    pounds, yen = make_campaign(), make_campaign(currency="JPY", suggested_amounts="1000", donation_minimum_minor=50)
    for campaign, more in ((pounds, {}), (yen, {"amount": "1000", "currency": "JPY"}), (pounds, {"amount": "5"})):
        donation = money.give(campaign, **more)
        money.pay(donation)
        money.hear(PAID)
    assert totals(db.session(), pounds.id) == [("GBP", 1500, 1)]
    assert totals(db.session(), yen.id) == [("JPY", 1000, 1)]
    assert [row.campaign_id for row in list_donations(db.session(), yen.id).items] == [yen.id]
    page = list_donations(db.session(), pounds.id, limit=1)
    assert page.items[0].amount_minor == 500
    assert list_donations(db.session(), pounds.id, after=page.next).items[0].amount_minor == 1000


def test_stripe_away_puts_the_event_off_and_loses_nothing(money: Money) -> None:
    campaign = make_campaign()
    money.pay(money.give(campaign))
    body = str(money.event(PAID))
    money.sandbox.control("faults", {"next": [{"kind": "503", "times": 2}]})
    money.deliver(body)
    money.work()
    (event,) = money.rows(StripeEvent)
    assert (event.state, event.attempts) == (EventState.RECEIVED, 1)
    assert "GatewayUnavailable" in event.error
    assert clock.now() < event.available_at <= clock.now() + timedelta(seconds=2)
    assert money.donations()[0].state is DonationState.OPEN
    _retry_put_off(money)
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
    assert list_events(db.session(), state=EventState.PROCESSED).items[0].error == ""


def test_events_are_given_up_after_three_days(money: Money) -> None:
    money.deliver(str(money.event(PAID)))
    with transaction() as session:
        (event,) = events.take(session, now=clock.now())
        event.attempts = events.MOST_ATTEMPTS
        events.put_off(session, event, "GatewayRefused: no", now=clock.now())
    assert money.rows(StripeEvent)[0].state is EventState.FAILED


def test_forgotten_donors_get_no_receipt(money: Money) -> None:
    donation = money.give(make_campaign())
    assert donation_receipt(db.session(), 10**9, Links("http://campaign.test"), TOKENS) is None
    money.pay(donation)
    money.hear(PAID)
    (payment,) = money.rows(Payment)
    with transaction() as session:
        session.query(Donation).update({"email": ""})
    db.session.rollback()
    assert donation_receipt(db.session(), payment.id, Links("http://campaign.test"), TOKENS) is None
