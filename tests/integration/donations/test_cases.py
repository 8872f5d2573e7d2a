"""Cases that other programs got wrong, each under its name; those of one subject stand with that subject: CASES.md."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import update

from campaign.campaigns.models import CampaignState
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.limits import limiter
from campaign.donations.models import (
    Alarm,
    AlarmKind,
    Donation,
    DonationMove,
    DonationState,
    EventState,
    Payment,
    StripeEvent,
)
from campaign.donations.queries import totals
from campaign.mail.models import OutboxMessage
from campaign.worker.payments import apply_events
from tests.factories import make_campaign
from tests.integration.donations.conftest import FORM, Money, Site
from tests.integration.sandbox.process import line

PAID = "checkout.session.completed"


def given(campaign_id: int) -> list[tuple[str, int, int]]:
    db.session.rollback()
    return totals(db.session(), campaign_id)


def test_webhook_before_the_session_id_was_stored(money: Money) -> None:
    """Stripe opens the checkout and is silent; the donor pays from a second tab before we know its name."""
    campaign = make_campaign()
    fault = {"match": "POST /v1/checkout/sessions", "kind": "act_then_timeout", "seconds": 0.1, "times": 2}
    money.sandbox.control("faults", {"next": [fault]})
    assert money.send(campaign).status_code == 503
    (donation,) = money.donations()
    assert (donation.state, donation.checkout_session) == (DonationState.CREATED, None)
    (session,) = [
        one
        for one in money.sandbox.client().v1.checkout.sessions.list({"limit": 5}).data
        if one.client_reference_id == donation.public_id
    ]
    money.sandbox.control("pay", {"session": session.id})
    money.hear(PAID)
    (donation,) = money.donations()
    assert (donation.state, donation.checkout_session) == (DonationState.SUCCEEDED, session.id)
    assert given(campaign.id) == [("GBP", 1000, 1)]


def test_webhook_lost_then_thank_you_page_then_sync(money: Money, app: Flask) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    money.pay(donation)  # the webhook is dropped
    assert "We have received £10" in money.client.get(f"/donations/{donation.public_id}").text
    result = app.test_cli_runner().invoke(args=["stripe", "sync"])
    assert result.exit_code == 0, result.output
    assert [row.state for row in money.rows(StripeEvent) if row.type == PAID][-1] is EventState.PROCESSED
    assert len(money.rows(Payment)) == len(money.rows(OutboxMessage)) == 1
    moves = [(move.from_state, move.to_state, move.cause) for move in money.rows(DonationMove)]
    assert moves == [
        (None, DonationState.CREATED, "form"),
        (DonationState.CREATED, DonationState.OPEN, "form"),
        (DonationState.OPEN, DonationState.SUCCEEDED, "page"),
    ]
    assert given(campaign.id) == [("GBP", 1000, 1)]


@pytest.mark.parametrize("outcome", ["succeed", "fail"])
def test_delayed_method_succeeding_and_failing(money: Money, outcome: str) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    paid = money.pay(donation, method="bank_debit")
    assert (paid["status"], paid["payment_status"]) == ("complete", "unpaid")
    money.hear(PAID)
    assert money.donations()[0].state is DonationState.PROCESSING
    assert "on its way" in money.client.get(f"/donations/{donation.public_id}").text
    assert given(campaign.id) == []
    money.sandbox.control("debit", {"session": donation.checkout_session, "outcome": outcome})
    done = outcome == "succeed"
    money.hear(f"checkout.session.async_payment_{'succeeded' if done else 'failed'}")
    assert money.donations()[0].state is (DonationState.SUCCEEDED if done else DonationState.FAILED)
    assert given(campaign.id) == ([("GBP", 1000, 1)] if done else [])
    assert len(money.rows(OutboxMessage)) == done


def checkout_of(money: Money, donation: Donation) -> dict[str, object]:
    session = money.sandbox.client().v1.checkout.sessions.retrieve(donation.checkout_session or "")
    return {"amount": session.amount_total, "currency": session.currency, "metadata": session.metadata.to_dict()}


def test_tampered_amount(money: Money) -> None:
    """What is charged is what stands in our row, whatever else is posted."""
    campaign = make_campaign()
    donation = money.give(campaign, amount_minor="1", unit_amount="1", price="1", amount="10")
    assert checkout_of(money, donation)["amount"] == 1000
    assert money.send(campaign, amount="0.01").status_code == 422
    assert money.send(campaign, amount="-10").status_code == 422


def test_tampered_currency(money: Money) -> None:
    campaign = make_campaign(other_currencies="EUR")
    for currency in ("JPY", "gbp", "XXX", "GBP EUR"):
        assert money.send(campaign, currency=currency).status_code == 422
    donation = money.give(campaign, currency="EUR")
    assert checkout_of(money, donation) | {"metadata": None} == {"amount": 1000, "currency": "eur", "metadata": None}


def test_tampered_campaign(money: Money) -> None:
    campaign, other = make_campaign(), make_campaign()
    donation = money.give(campaign, campaign_id=str(other.id), slug=other.slug)
    assert donation.campaign_id == campaign.id


def test_tampered_fee(money: Money) -> None:
    """The fee is computed here; a posted one is not looked at."""
    donation = money.give(make_campaign(), cover_fee="0", fee_cover_minor="100000", fee="0")
    assert (donation.amount_minor, donation.fee_cover_minor) == (1036, 36)  # any value ticks the box
    donation = money.give(make_campaign(), fee_cover_minor="100000", fee="0")
    assert (donation.amount_minor, donation.fee_cover_minor) == (1000, 0)


def test_closed_campaign(money: Money) -> None:
    """Closed while the donor was at the checkout: no new gift begins, and the one that was begun is taken."""
    campaign = make_campaign()
    donation = money.give(campaign)
    with transaction() as session:
        session.get_one(type(campaign), campaign.id).state = CampaignState.CLOSED
    assert money.send(campaign).status_code == 410
    money.pay(donation)
    money.hear(PAID)
    assert given(campaign.id) == [("GBP", 1000, 1)]
    assert len(money.donations()) == 1


def test_draft_campaign(money: Money) -> None:
    campaign = make_campaign(state=CampaignState.DRAFT, published_at=None)
    assert money.client.get(f"/campaigns/{campaign.slug}/donate").status_code == 404
    assert money.send(campaign).status_code == 404
    assert money.donations() == []


def test_paid_amount_differs_raises_an_alarm(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    tag = {"donation": donation.public_id}
    session = money.sandbox.session(
        client_reference_id=donation.public_id,
        metadata=tag,
        payment_intent_data={"metadata": tag, "description": "Tampered"},
        line_items=[line(100)],
    )
    paid = money.sandbox.control("pay", {"session": session.id})
    money.hear(PAID)
    assert [(alarm.kind, alarm.subject) for alarm in money.rows(Alarm)] == [
        (AlarmKind.PAID_DIFFERS, paid["payment_intent"])
    ]
    assert given(campaign.id) == []


def test_burst_of_50(money: Money, live: Site, app: Flask) -> None:
    """Fifty people give at once, and Stripe tells of all at once: each counted once, to the penny."""
    campaign = make_campaign()
    path = f"/campaigns/{campaign.slug}/donate"

    def give(number: int) -> int:
        with app.app_context(), app.test_client() as browser:
            limiter.reset()
            more = {"email": f"donor{number}@example.org", "idempotency_key": f"k{number}", "amount": str(10 + number)}
            return browser.post(path, data={**FORM, **more}).status_code

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(give, range(50)))
    again = [number for number, status in enumerate(answers) if status != 303]
    assert [give(number) for number in again] == [303] * len(again)  # busy or limited: pressed again
    money.sandbox.control("webhooks", {"mode": "hold"})
    for donation in money.donations():
        money.pay(donation)
    money.sandbox.control("webhooks/release", {"order": "reverse"})

    def work() -> None:
        with app.app_context():
            while apply_events(money.gateway) or money.sandbox.state_now()["webhooks"]["pending"]:
                pass

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with transaction() as session:
        session.execute(update(StripeEvent).values(available_at=clock.now()))
    money.work()
    assert len(money.rows(Payment)) == len(money.rows(OutboxMessage)) == 50
    assert given(campaign.id) == [("GBP", sum(1000 + 100 * number for number in range(50)), 50)]
    assert {donation.state for donation in money.donations()} == {DonationState.SUCCEEDED}


def test_events_that_name_one_object_in_every_way(money: Money) -> None:
    """The body of an event is never believed: only what it is about is read from it."""
    campaign = make_campaign()
    donation = money.give(campaign)
    lie = {
        "id": donation.checkout_session,
        "object": "checkout.session",
        "payment_status": "paid",
        "status": "complete",
    }
    event = {"id": "evt_lie", "object": "event", "type": PAID, "livemode": False, "data": {"object": lie}}
    assert money.deliver(json.dumps(event)).status_code == 200
    money.work()
    assert money.donations()[0].state is DonationState.OPEN
    assert given(campaign.id) == []


@pytest.mark.parametrize(
    ("currency", "typed", "minor"),
    [
        ("GBP", "19.99", 1999), ("GBP", "£12.50", 1250), ("GBP", "1,000", 100_000), ("GBP", "0.30", 30),
        ("EUR", "0.50", 50), ("USD", "1.10", 110), ("JPY", "1000", 1000), ("KRW", "50", 50), ("CLP", "900", 900),
        ("KWD", "12.34", 12340), ("BHD", "1", 1000), ("ISK", "100", 10_000), ("UGX", "5000", 500_000),
        ("HUF", "175", 17_500), ("TWD", "30.50", 3050), ("SEK", "3", 300), ("CZK", "15", 1500), ("MXN", "10", 1000),
    ],
)  # fmt: skip
def test_amounts_and_currencies(money: Money, currency: str, typed: str, minor: int) -> None:
    """What the donor typed is what Stripe is asked for, in the smallest unit as Stripe counts it, and what counts."""
    campaign = make_campaign(currency=currency, donation_minimum_minor=1)
    donation = money.give(campaign, currency=currency, other_amount=typed)
    assert (donation.amount_minor, checkout_of(money, donation)["amount"]) == (minor, minor)
    money.pay(donation)
    money.hear(PAID)
    assert given(campaign.id) == [(currency, minor, 1)]


@pytest.mark.parametrize(
    ("currency", "typed"),
    [
        ("GBP", "0.29"), ("GBP", "19.999"), ("EUR", "0.49"), ("JPY", "1000.5"), ("JPY", "49"), ("KWD", "12.345"),
        ("ISK", "100.50"), ("UGX", "0.01"), ("HUF", "174"), ("GBP", "1000000"), ("GBP", "NaN"), ("GBP", "1e3"),
    ],
)  # fmt: skip
def test_amounts_that_cannot_be_charged(money: Money, currency: str, typed: str) -> None:
    """An error of the form; Stripe is not asked."""
    campaign = make_campaign(currency=currency, donation_minimum_minor=1)
    money.sandbox.control("faults", {"next": [{"match": "POST *", "kind": "500", "times": 1}]})
    assert money.send(campaign, currency=currency, other_amount=typed).status_code == 422
    assert money.donations() == []


def test_several_currencies_of_one_campaign_are_never_added_up(money: Money) -> None:
    campaign = make_campaign(other_currencies="EUR,JPY", suggested_amounts="10,250")
    page = money.client.get(f"/campaigns/{campaign.slug}/donate?currency=JPY&source=article-1").text
    assert 'name="currency" value="JPY"' in page
    assert "currency=EUR&amp;source=article-1" in page
    assert 'value="10"' not in page  # ten yen cannot be charged
    for currency, amount in (("GBP", "10"), ("EUR", "10"), ("JPY", "250"), ("EUR", "5.50")):
        donation = money.give(campaign, currency=currency, amount=amount)
        money.pay(donation)
        money.hear(PAID)
    assert given(campaign.id) == [("EUR", 1550, 1), ("GBP", 1000, 1), ("JPY", 250, 1)]
    limiter.reset()


def test_in_memory_of_somebody(money: Money) -> None:
    campaign = make_campaign()
    donation = money.give(campaign, in_memory_of="Grace Hopper")
    assert (donation.in_memory_of, donation.message_state) == ("Grace Hopper", "awaiting")
    assert money.give(campaign).message_state is None
    for name in ("see http://evil.example", "=cmd|x", "two\nlines", "x" * 101):
        assert money.send(campaign, in_memory_of=name).status_code == 422
    assert "Grace Hopper" not in money.client.get(f"/campaigns/{campaign.slug}").text  # nobody has read it yet
