"""What admins do about money, in the browser and at Stripe: refunds, ending monthly gifts, the inbox, comparisons."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from campaign.audit.models import AuditEntry
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import events
from campaign.donations.alarms import raise_alarm
from campaign.donations.models import (
    Alarm,
    AlarmKind,
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
from campaign.staff.models import Role
from campaign.worker.reconciling import reconcile_due
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, make_person
from tests.integration.donations.conftest import Money

pytestmark = pytest.mark.usefixtures("empty_book")


PAID = "checkout.session.completed"


@pytest.fixture
def admin(app: Flask) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(make_person(Role.ADMIN).email).status_code == 302
    return browser


def give(money: Money, **more: Any) -> tuple[Any, Any, str]:
    campaign = make_campaign()
    donation = money.give(campaign, **more)
    money.pay(donation)
    money.hear(PAID)
    return campaign, donation, f"/admin/campaigns/{campaign.slug}/donations/{donation.public_id}"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]+)"', page)
    assert found, name
    return found[1]


def test_a_refund_takes_two_clicks_and_a_reason(money: Money, admin: Browser) -> None:
    campaign, _donation, path = give(money)
    page = admin.get(path).text
    link = re.search(r'href="(/admin/[^"]+/refund\?payment=pi_[^"]+)"', page)
    assert link
    form = admin.get(link[1]).text
    fields = {"payment": hidden(form, "payment"), "form_key": hidden(form, "form_key"), "amount": "10"}
    token = hidden(form, "csrf_token")
    assert admin.post(f"{path}/refund", fields | {"reason": ""}, token=token).status_code == 422
    assert money.rows(Refund) == []
    for _ in range(2):  # a double click
        answer = admin.post(f"{path}/refund", fields | {"reason": "Given twice"}, token=token)
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert "Stripe is being told" in admin.get(path).text
    money.ask_stripe()
    page = admin.get(path).text
    assert "Given back" in page
    assert "Given twice" in page
    (refund,) = money.rows(Refund)
    assert (refund.state, refund.amount_minor, refund.requested_by) == (
        RefundState.SUCCEEDED, 1000, "admin@lantern.example",
    )  # fmt: skip
    assert [row.reason for row in money.rows(AuditEntry) if row.action == "donation.refunded"] == ["Given twice"]
    assert totals(db.session(), campaign.id) == []
    db.session.rollback()


@pytest.mark.parametrize(
    ("amount", "status", "words"),
    [("10.01", 422, "more than is left"), ("ten", 422, "in figures"), ("-1", 422, "in figures"), ("2.50", 303, "")],
)
def test_refunds_that_the_form_refuses(money: Money, admin: Browser, amount: str, status: int, words: str) -> None:
    _campaign, _donation, path = give(money)
    answer = admin.post(f"{path}/refund", {"amount": amount, "reason": "Tried"})
    assert answer.status_code == status
    assert words in answer.text
    assert len(money.rows(Refund)) == (status == 303)


def test_a_disputed_payment_cannot_be_refunded(money: Money, admin: Browser) -> None:
    _campaign, _donation, path = give(money)
    (payment,) = money.rows(Payment)
    money.sandbox.control("dispute", {"payment_intent": payment.payment_intent})
    money.hear("charge.dispute.created")
    assert "bank is deciding" in admin.get(f"{path}/refund").text
    answer = admin.post(f"{path}/refund", {"amount": "1", "reason": "Tried"})
    assert (answer.status_code, money.rows(Refund)) == (409, [])
    assert "To be answered" in admin.get(path).text


def test_another_campaigns_donation_is_not_found(money: Money, admin: Browser) -> None:
    _campaign, donation, _path = give(money)
    other = make_campaign()
    for rest in ("", "/refund"):
        assert admin.get(f"/admin/campaigns/{other.slug}/donations/{donation.public_id}{rest}").status_code == 404
    path = f"/admin/campaigns/{other.slug}/donations/{donation.public_id}/refund"
    assert admin.post(path, {"amount": "1", "reason": "Tried"}).status_code == 404
    assert money.rows(Refund) == []


def test_an_admin_ends_a_monthly_gift(money: Money, admin: Browser) -> None:
    _campaign, _donation, path = give(money, frequency="monthly", amount="5")
    assert "every month" in admin.get(path).text
    assert admin.post(f"{path}/end", {"reason": ""}).status_code == 422
    assert admin.post(f"{path}/end", {"reason": "Asked by phone"}).status_code == 303
    money.ask_stripe()
    (gift,) = money.rows(MonthlyGift)
    assert (gift.state, gift.canceled_by) == (MonthlyGiftState.CANCELED, "admin@lantern.example")
    assert admin.post(f"{path}/end", {"reason": "Asked again"}).status_code == 303
    assert [row.reason for row in money.rows(AuditEntry) if row.action == "monthly_gift.ended"] == ["Asked by phone"]
    assert "End the monthly gift" not in re.sub(r"<td>.*?</td>", "", admin.get(path).text, flags=re.DOTALL)


def test_the_page_about_stripe_tells_what_waits_and_replays(money: Money, admin: Browser) -> None:
    campaign = make_campaign()
    money.pay(money.give(campaign))
    event = money.event(PAID)
    assert "None has come yet" in admin.get("/admin/stripe").text
    money.deliver(str(event))
    with transaction() as session:
        (taken,) = events.take(session, now=clock.now())
        taken.attempts = events.MOST_ATTEMPTS
        events.put_off(session, taken, "GatewayUnavailable: APIError", now=clock.now())
    page = admin.get("/admin/stripe").text
    assert "GatewayUnavailable" in page
    assert "given up" in page
    assert "1 payment matter needs a person" in admin.get("/admin/").text
    assert admin.post(f"/admin/stripe/events/{event.id}/replay").status_code == 303
    money.work()
    assert money.rows(StripeEvent)[0].state is EventState.PROCESSED
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
    db.session.rollback()
    assert admin.post("/admin/stripe/events/evt_unknown/replay").status_code == 404
    assert "stripe.replayed" in {row.action for row in money.rows(AuditEntry)}


def test_comparison_asked_for_by_an_admin(money: Money, admin: Browser) -> None:
    campaign = make_campaign()
    money.pay(money.give(campaign))
    for _ in range(2):  # pressed twice, it is made once
        assert admin.post("/admin/stripe/sync").status_code == 303
    assert len(money.rows(SyncRun)) == 1
    while reconcile_due(money.gateway):
        pass
    assert totals(db.session(), campaign.id) == [("GBP", 1000, 1)]
    db.session.rollback()
    runs = {run.asked_by: run.state for run in money.rows(SyncRun)}
    assert runs == {"admin@lantern.example": SyncState.DONE, "timetable": SyncState.DONE}
    assert "Under way" not in admin.get("/admin/stripe").text


def test_alarms_are_settled_with_a_note(money: Money, admin: Browser) -> None:
    _campaign, donation, path = give(money)
    with transaction() as session:
        raise_alarm(session, AlarmKind.FRAUD_WARNING, "pi_1", donation_id=donation.id, now=clock.now())
    (alarm,) = money.rows(Alarm)
    assert "may be fraud" in admin.get("/admin/stripe").text
    assert "may be fraud" in admin.get(path).text
    assert admin.post(f"/admin/stripe/alarms/{alarm.public_id}", {"note": " "}).status_code == 422
    assert admin.post(f"/admin/stripe/alarms/{alarm.public_id}", {"note": "Given back"}).status_code == 303
    assert "may be fraud" not in admin.get("/admin/stripe").text
    assert admin.post("/admin/stripe/alarms/unknown", {"note": "Given back"}).status_code == 404
    (alarm,) = money.rows(Alarm)
    assert (alarm.resolved_by, alarm.note) == ("admin@lantern.example", "Given back")
    assert "alarm.resolved" in {row.action for row in money.rows(AuditEntry)}


def all_unmatched(admin: Browser) -> str:
    """Every page of the list: other tests left payments at the sandbox."""
    found, path = "", "/admin/stripe"
    while path:
        found += admin.get(path).text
        following = re.search(r'<a href="([^"]+)" rel="next"', found.rpartition("<!doctype")[2])
        path = following[1] if following else ""
    return found


def test_what_matches_nothing_is_listed_until_somebody_says_what_it_is(money: Money, admin: Browser) -> None:
    paid = money.sandbox.paid(4321)  # another program's, on the same account
    assert admin.post("/admin/stripe/sync").status_code == 303
    while reconcile_due(money.gateway):
        pass
    listed = {row.stripe_id: row for row in money.rows(UnmatchedObject)}
    assert (listed[paid["charge"]].amount_minor, listed[paid["charge"]].kind) == (4321, "charge")
    assert paid["charge"] in all_unmatched(admin)
    assert admin.post(f"/admin/stripe/unmatched/{paid['charge']}", {"note": "The shop’s"}).status_code == 303
    assert paid["charge"] not in all_unmatched(admin)
    with transaction() as session:
        session.execute(update(SyncRun).values(created_at=clock.now() - timedelta(days=1)))
    admin.post("/admin/stripe/sync")
    while reconcile_due(money.gateway):
        pass
    assert paid["charge"] not in all_unmatched(admin)  # it stays settled
