"""Somebody tries stolen cards: what is counted, what stands before giving then, and how it ends."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.core.http.limits import limiter
from campaign.core.links import Links
from campaign.donations import card_testing
from campaign.donations.card_testing import Level
from campaign.donations.models import Alarm, Decline, Donation, GivingGuard, Payment, SpentPuzzle, StripeEvent
from campaign.mail.models import MailKind, OutboxMessage
from campaign.public import guarding
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.worker.card_testing import watch_declines
from campaign.worker.notices import card_testing_alarm
from campaign.worker.retention import forget
from tests.factories import make_campaign
from tests.integration.admin.conftest import SignIn, make_person, sign_in  # noqa: F401
from tests.integration.donations.conftest import FORM, Money, Site
from tests.integration.sandbox.process import wait_until
from tests.puzzles import find_puzzle, solve

DECLINED, NO_FUNDS = "4000000000000002", "4000000000009995"
PUZZLE_AT, PAUSE_AT = 3, 5


@pytest.fixture(autouse=True)
def time_again() -> Iterator[None]:
    yield
    clock.set_offset(0)


@pytest.fixture
def few(settings: Settings) -> Settings:
    """Settings that call a few declines a burst."""
    return settings.model_copy(update={"puzzle_at_declines": PUZZLE_AT, "pause_at_declines": PAUSE_AT})


def decline(donation: Donation, number: int) -> None:
    """Cards that were declined at a checkout, as the inbox notes them."""
    with transaction() as session:
        session.add_all(
            Decline(donation_id=donation.id, campaign_id=donation.campaign_id, declined_at=clock.now())
            for _ in range(number)
        )


def watch(settings: Settings) -> int:
    """What the worker does every few seconds."""
    told = watch_declines(settings)
    db.session.rollback()  # a job's session does not outlive it
    return told


def tidy() -> None:
    db.session.rollback()  # nor does a page's
    forget()
    db.session.rollback()


def level(campaign: Campaign) -> Level:
    with Session(db.engine) as session:
        return card_testing.guard_of(session, campaign.id, now=clock.now()).level


def later(minutes: float) -> None:
    clock.set_offset(int(minutes * 60))


def test_declined_cards_are_counted_as_stripe_tells_of_them(money: Money, live: Site, few: Settings) -> None:
    """Once or monthly; not a bank debit that fails, nor a renewal, nor what another program of the account does."""
    campaign = make_campaign()
    once, monthly, debit = money.give(campaign), money.give(campaign, frequency="monthly"), money.give(campaign)
    client = money.sandbox.client()
    foreign = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://127.0.0.1:9/",
            "line_items": [
                {"quantity": 1, "price_data": {"currency": "gbp", "unit_amount": 500, "product_data": {"name": "Tea"}}}
            ],
        }
    )
    money.sandbox.control("webhooks", {"mode": "duplicate", "times": 2})
    for number in (DECLINED, NO_FUNDS):
        assert money.pay(once, card=number)["outcome"] == "declined"
    assert money.pay(monthly, card=DECLINED)["outcome"] == "declined"
    money.sandbox.control("pay", {"session": foreign.id, "card": DECLINED})
    money.pay(debit, method="bank_debit")
    money.sandbox.control("debit", {"session": debit.checkout_session, "outcome": "fail"})
    wait_until(lambda: not money.sandbox.state_now()["webhooks"]["pending"], "all webhooks have come")
    assert sorted(one.donation_id for one in money.rows(Decline)) == [once.id, once.id, monthly.id]
    kinds = [event.ignored_reason for event in money.rows(StripeEvent) if event.type == "charge.failed"]
    assert sorted(set(kinds)) == ["a declined card, which is counted", "a type that has no use here"]
    assert watch(few) == 1
    assert level(campaign) is Level.PUZZLE
    for page in (f"/donations/{once.public_id}", f"/campaigns/{campaign.slug}/donate", f"/campaigns/{campaign.slug}"):
        shown = money.client.get(page).text.lower()
        assert "insufficient" not in shown
        assert "declined" not in shown


def test_what_happened_long_ago_is_no_burst(money: Money, few: Settings) -> None:
    """Webhooks that come days late, or are fetched by a comparison, tell of what is over."""
    donation = money.give(make_campaign())
    for number in range(PUZZLE_AT):
        event = {
            "id": f"evt_{number}", "object": "event", "type": "charge.failed", "livemode": False,
            "created": int(time.time()) - 3600,
            "data": {"object": {
                "id": f"ch_{number}", "object": "charge", "metadata": {"donation": donation.public_id},
                "payment_method_details": {"type": "card"},
            }},
        }  # fmt: skip
        assert money.deliver(json.dumps(event)).status_code == 200
    assert len(money.rows(Decline)) == PUZZLE_AT
    assert watch(few) == 0


@pytest.mark.parametrize("parent", [None, {"subscription_details": None}, {"subscription_details": {"metadata": {}}}])
def test_other_programs_failures_are_taken_and_ignored(money: Money, parent: object) -> None:
    about = {"id": "in_1", "object": "invoice", "billing_reason": "subscription_create", "parent": parent}
    event = {
        "id": "evt_1",
        "type": "invoice.payment_failed",
        "livemode": False,
        "created": 1,
        "data": {"object": about},
    }
    assert money.deliver(json.dumps(event)).status_code == 200
    assert money.rows(Decline) == []


def test_a_burst_asks_for_a_puzzle(money: Money, few: Settings) -> None:
    campaign, other = make_campaign(), make_campaign()
    decline(money.give(campaign), PUZZLE_AT - 1)
    assert watch(few) == 0
    assert find_puzzle(money.client.get(f"/campaigns/{campaign.slug}/donate").text) is None
    decline(money.donations()[0], 1)
    assert watch(few) == 1
    shown = money.client.get(f"/campaigns/{campaign.slug}/donate")
    assert shown.status_code == 200
    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]
    assert "Yours runs no scripts" in shown.text
    assert "Set-Cookie" not in shown.headers

    refused = money.send(campaign, idempotency_key="k", message="keep me")
    assert refused.status_code == 422
    assert "Press the button once more" in refused.text
    assert "keep me" in refused.text
    assert len(money.donations()) == 1
    puzzle = find_puzzle(refused.text)
    assert puzzle
    answer = solve(puzzle)
    assert money.send(campaign, idempotency_key="k", message="keep me", puzzle=answer[:-8]).status_code == 422
    taken = money.send(campaign, idempotency_key="k", message="keep me", puzzle=answer)
    assert taken.status_code == 303
    assert money.send(campaign, idempotency_key="k", message="keep me").location == taken.location  # a second click
    assert money.send(campaign, idempotency_key="l", puzzle=answer).status_code == 422  # spent
    assert len(money.donations()) == 2

    elsewhere = money.client.get(f"/campaigns/{other.slug}/donate")
    assert "script-src" not in elsewhere.headers["Content-Security-Policy"]
    assert money.send(other).status_code == 303


def test_one_answer_lets_one_form_through_however_many_come_at_once(money: Money, app: Flask, few: Settings) -> None:
    campaign = make_campaign()
    decline(money.give(campaign), PUZZLE_AT)
    watch(few)
    puzzle = find_puzzle(money.client.get(f"/campaigns/{campaign.slug}/donate").text)
    assert puzzle
    answer = solve(puzzle)

    def send(number: int) -> int:
        limiter.reset()
        with app.test_client() as browser:
            data = {**FORM, "idempotency_key": f"k{number}", "puzzle": answer}
            return browser.post(f"/campaigns/{campaign.slug}/donate", data=data).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(send, range(6))) == [303, 422, 422, 422, 422, 422]
    assert len(money.rows(SpentPuzzle)) == 1
    later(61)
    tidy()
    assert money.rows(SpentPuzzle) == []


def test_a_worse_burst_pauses_giving_and_ends_by_itself(money: Money, few: Settings) -> None:
    campaign, other = make_campaign(), make_campaign()
    donation = money.give(campaign)
    decline(donation, PAUSE_AT)
    assert watch(few) == 1
    shown = money.client.get(f"/campaigns/{campaign.slug}/donate")
    assert shown.status_code == 503
    assert 0 < int(shown.headers["Retry-After"]) <= 1200
    assert shown.headers["Cache-Control"] == "no-store"
    assert "Donations are paused for a moment" in shown.text
    sent = money.send(campaign, message="keep me")
    assert sent.status_code == 503
    assert 0 < int(sent.headers["Retry-After"]) <= 1200
    assert "No money has moved" in sent.text
    assert "keep me" in sent.text
    assert len(money.donations()) == 1
    assert money.client.get(f"/donations/{donation.public_id}").status_code == 200
    assert money.send(other).status_code == 303
    later(21)
    assert watch(few) == 0
    assert level(campaign) is Level.PUZZLE
    later(61)
    assert level(campaign) is Level.OPEN
    assert money.send(campaign).status_code == 303


def test_a_pause_goes_on_while_cards_are_declined(money: Money, few: Settings) -> None:
    campaign = make_campaign()
    donation = money.give(campaign)
    decline(donation, PAUSE_AT)
    watch(few)
    later(15)
    decline(donation, PAUSE_AT)
    assert watch(few) == 0  # they know
    later(30)
    assert level(campaign) is Level.PAUSE
    assert len(money.rows(Alarm)) == 1


def test_bursts_at_several_campaigns_guard_the_whole_site(money: Money, few: Settings) -> None:
    campaigns = [make_campaign() for _ in range(3)]
    quiet = make_campaign()
    for campaign in campaigns:
        decline(money.give(campaign), PUZZLE_AT - 1)
    assert watch(few) == 1  # six of them, though none has three
    assert [guard.scope for guard in money.rows(GivingGuard)] == ["site"]
    assert [level(campaign) for campaign in [*campaigns, quiet]] == [Level.PUZZLE] * 4


def test_a_good_day_is_no_burst(money: Money, few: Settings) -> None:
    """Where many give, many honest cards are declined as well."""
    campaign = make_campaign()
    donation = money.give(campaign)
    with transaction() as session:
        session.add_all(
            Payment(
                donation_id=donation.id, campaign_id=campaign.id, payment_intent=f"pi_{number}", amount_minor=1000,
                currency="GBP", paid_at=clock.now(),
            )
            for number in range(10)
        )  # fmt: skip
    decline(donation, 3)
    assert watch(few) == 0
    decline(donation, 1)
    assert watch(few) == 1
    decline(donation, 5)
    watch(few)
    assert level(campaign) is Level.PUZZLE  # nine of nineteen tries
    decline(donation, 1)
    watch(few)
    assert level(campaign) is Level.PAUSE


def test_admins_are_told_once_for_each_step(money: Money, few: Settings) -> None:
    campaign = make_campaign()
    make_person(Role.ADMIN, email="chief@lantern.example")
    make_person(Role.ADMIN, email="other@lantern.example", campaign_id=campaign.id)
    make_person(Role.EDITOR, email="editor@lantern.example")
    donation = money.give(campaign)
    decline(donation, PUZZLE_AT)
    for _ in range(3):
        watch(few)
    decline(donation, PAUSE_AT)
    for _ in range(3):
        watch(few)
    assert [alarm.kind for alarm in money.rows(Alarm)] == ["card_testing"] * 3  # here twice, and over the site
    mails = [mail for mail in money.rows(OutboxMessage) if mail.kind is MailKind.CARD_TESTING]
    found = [
        card_testing_alarm(
            db.session(), mail.object_id, mail.recipient_key, Links("http://campaign.test"), hash_key=few.hash_key
        )
        for mail in mails
    ]
    said = [(one[0], one[1]["campaign"] and one[1]["campaign"].id, one[1]["paused"]) for one in found if one]
    assert sorted(said, key=str) == sorted(
        [
            ("chief@lantern.example", campaign.id, False),
            ("chief@lantern.example", campaign.id, True),
            ("chief@lantern.example", None, False),
        ],
        key=str,
    )
    with transaction() as session:
        session.execute(update(Alarm).values(resolved_at=clock.now()))
    again = card_testing_alarm(
        db.session(), mails[0].object_id, mails[0].recipient_key, Links(""), hash_key=few.hash_key
    )
    assert again is None  # settled before it went out


def test_several_workers_tell_once(money: Money, app: Flask, few: Settings) -> None:
    decline(money.give(make_campaign()), PUZZLE_AT)

    def work(_number: int) -> int:
        with app.app_context():
            return watch(few)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1
    assert len(money.rows(Alarm)) == 1


def test_an_admin_sees_it_and_lifts_it(money: Money, few: Settings, sign_in: SignIn) -> None:  # noqa: F811
    campaign = make_campaign(short_name="The hungry")
    donation = money.give(campaign)
    decline(donation, PAUSE_AT)
    watch(few)
    browser = sign_in(Role.ADMIN)
    page = browser.get("/admin/stripe").get_data(as_text=True)
    assert f"/admin/stripe/guards/{campaign.id}/lift" in page
    assert page.count("The hungry") == 3  # what is done, the button, and the alarm
    path = f"/admin/stripe/guards/{campaign.id}/lift"
    for _ in range(2):
        assert browser.post(path).status_code == 303
    assert level(campaign) is Level.OPEN
    assert path not in browser.get("/admin/stripe").get_data(as_text=True)
    assert watch(few) == 0  # what was declined before does not count any more
    assert level(campaign) is Level.OPEN
    entries = select(AuditEntry).where(AuditEntry.action == "giving.guard_lifted")
    assert [entry.campaign_id for entry in db.session.scalars(entries)] == [campaign.id]
    db.session.rollback()
    later(1)
    decline(donation, PUZZLE_AT)
    assert watch(few) == 1  # a new burst, and a new alarm
    assert level(campaign) is Level.PUZZLE
    assert browser.post("/admin/stripe/guards/nowhere/lift").status_code == 404
    with pytest.raises(NotFound), transaction() as session:
        card_testing.lift(session, "nowhere", actor="a test", now=clock.now())


def test_old_declines_are_forgotten(money: Money) -> None:
    decline(money.give(make_campaign()), 2)
    later(29 * 24 * 60)
    tidy()
    assert len(money.rows(Decline)) == 2
    later(31 * 24 * 60)
    tidy()
    assert money.rows(Decline) == []


def send_from(money: Money, campaign: Campaign, network: int, **more: str) -> TestResponse:
    """Send the form from a network of its own."""
    return money.client.post(
        f"/campaigns/{campaign.slug}/donate", data={**FORM, **more}, environ_base={"REMOTE_ADDR": f"10.0.{network}.1"}
    )


def test_checkouts_are_limited_for_an_address_and_for_the_site(
    money: Money, monkeypatch: pytest.MonkeyPatch, app: Flask, settings: Settings
) -> None:
    campaign = make_campaign()
    few = settings.model_copy(update={"checkouts_per_address": 2, "checkouts_per_minute": 4})
    monkeypatch.setitem(app.extensions, "settings", few)
    same = [
        send_from(money, campaign, network, email=email) for network, email in enumerate(["a@x.org", "A@x.org"] * 2)
    ]
    assert [answer.status_code for answer in same] == [303, 303, 429, 429]
    assert "with this email address" in same[2].text
    assert 0 < int(same[2].headers["Retry-After"]) <= 3600
    others = [send_from(money, campaign, network, email=f"{network}@example.org") for network in range(10, 13)]
    assert [answer.status_code for answer in others] == [303, 303, 429]
    assert 0 < int(others[2].headers["Retry-After"]) <= 60
    assert len(money.donations()) == 4


def test_a_field_that_people_do_not_see(money: Money) -> None:
    campaign = make_campaign()
    answer = money.send(campaign, website="http://x.example", message="keep me")
    assert answer.status_code == 422
    assert "keep me" in answer.text
    assert "x.example" not in answer.text  # whose browser filled it in has only to press again
    assert money.donations() == []
    assert money.send(campaign, message="keep me").status_code == 303


def test_haste_alone_stops_nobody_and_a_crowd_of_it_gets_a_puzzle(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "HASTY_LIMIT", "2 per 10 minutes")
    campaign = make_campaign()
    page = money.client.get(f"/campaigns/{campaign.slug}/donate").text
    opened = page.partition('name="opened"')[2].partition('value="')[2].partition('"')[0]
    assert [money.send(campaign, opened=stamp).status_code for stamp in (opened, "", "x")] == [303, 303, 422]
    asked = money.send(campaign)
    assert asked.status_code == 422
    assert "script-src 'self'" in asked.headers["Content-Security-Policy"]
    puzzle = find_puzzle(asked.text)
    assert puzzle
    assert money.send(campaign, puzzle=solve(puzzle)).status_code == 303
    later(0.1)
    assert money.send(campaign, opened=opened).status_code == 303  # who took the time is let through
