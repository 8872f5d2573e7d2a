"""Writing updates: draft, preview, publish, plan for later; aid deliveries; what readers see when."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, DeliveryStage, Update, UpdateState
from campaign.campaigns.updates import publish_due
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn

NEWS = {"title": "Canary heading", "body": "It *arrived*.", "kind": "news", "action": "publish"}
DELIVERY = NEWS | {
    "kind": "aid_delivery",
    "stage": "received",
    "contents": "60 satellite kits\n\n1,200 blankets",
    "cost": "12,500.50",
    "receiver": "A partner",
    "region": "Lviv region",
    "delivered_on": "2026-03-12",
    "evidence_url": "https://example.org/note.pdf",
}


def write(browser: Browser, campaign: Campaign, fields: dict[str, Any], update: str | None = None) -> Any:
    path = f"/admin/campaigns/{campaign.slug}/updates/" + (f"{update}/edit" if update else "new")
    answer = browser.post(path, fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def stored() -> Update:
    db.session.rollback()
    return db.session.scalars(select(Update)).one()


def public(browser: Browser, campaign: Campaign) -> str:
    return browser.get(f"/campaigns/{campaign.slug}").text


def test_a_draft_is_seen_by_nobody_until_it_is_published(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    answer = write(browser, campaign, NEWS | {"action": "draft"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/admin/campaigns/{campaign.slug}/updates")
    told = stored()
    assert (told.state, told.published_at) == (UpdateState.DRAFT, None)
    assert "Canary heading" not in public(browser, campaign)
    assert browser.get(f"/campaigns/{campaign.slug}/updates/{told.public_id}").status_code == 404
    assert write(browser, campaign, NEWS, told.public_id).status_code == 303
    assert "Canary heading" in public(browser, campaign)
    first = stored().published_at
    write(browser, campaign, NEWS | {"title": "Canary, corrected"}, told.public_id)
    assert (stored().published_at, stored().title) == (first, "Canary, corrected")
    refused = write(browser, campaign, NEWS | {"action": "draft"}, told.public_id)
    assert (refused.status_code, "Correct it, or withdraw it." in refused.text) == (422, True)
    assert "Canary, corrected" in public(browser, campaign)
    trail = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.object_type == "update").order_by(AuditEntry.id)
    ).all()
    assert trail == ["update.draft", "update.publish", "update.correct"]


def test_a_preview_shows_the_page_and_stores_nothing(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    answer = write(browser, campaign, DELIVERY | {"action": "preview"})
    assert answer.status_code == 200
    for shown in ("<em>arrived</em>", "60 satellite kits", "£12,500.50", "Lviv region", "12 March 2026"):
        assert shown in answer.text, shown
    assert 'value="Canary heading"' in answer.text
    assert "1,200 blankets</textarea>" in answer.text
    assert not db.session.scalars(select(Update)).all()
    write(browser, campaign, NEWS | {"action": "draft"})
    again = write(browser, campaign, DELIVERY | {"action": "preview", "title": "Other words"}, stored().public_id)
    assert "Other words" in again.text
    assert (stored().title, stored().delivery) == ("Canary heading", None)


def test_a_preview_leads_nowhere_that_is_not_there(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    write(browser, campaign, NEWS | {"action": "draft"})
    for update in (None, stored().public_id):
        page = write(browser, campaign, NEWS | {"action": "preview"}, update).text
        assert "Canary heading</h3>" in page
        assert f'href="/campaigns/{campaign.slug}/updates/' not in page
    write(browser, campaign, NEWS, stored().public_id)
    assert f'href="/campaigns/{campaign.slug}/updates/{stored().public_id}"' in public(browser, campaign)


def test_the_day_of_a_delivery_is_the_sites_day(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    # Half past midnight in London's summer: still the day before in UTC.
    for today, tomorrow, moment in (
        ("2027-07-02", "2027-07-03", "2027-07-01T23:30:00Z"),
        ("2027-01-01", "2027-01-02", "2027-01-01T23:30:00Z"),
    ):
        with time_machine.travel(moment, tick=True):
            browser.sign_in("editor@lantern.example")
            assert write(browser, campaign, DELIVERY | {"delivered_on": tomorrow}).status_code == 422
            assert write(browser, campaign, DELIVERY | {"delivered_on": today}).status_code == 303


def test_an_aid_delivery_says_what_came_where_and_what_it_cost(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    assert write(browser, campaign, DELIVERY).status_code == 303
    told = stored()
    delivery = told.delivery
    assert (delivery.stage, delivery.cost_minor, delivery.currency) == (DeliveryStage.RECEIVED, 1_250_050, "GBP")
    assert [(line.quantity, line.item) for line in delivery.items] == [(60, "satellite kits"), (1200, "blankets")]
    page = browser.get(f"/admin/campaigns/{campaign.slug}/updates/{told.public_id}/edit").text
    assert "60 satellite kits\n1200 blankets</textarea>" in page
    assert 'value="12500.50"' in page
    assert write(browser, campaign, DELIVERY | {"contents": "61 satellite kits"}, told.public_id).status_code == 303
    assert [line.quantity for line in stored().delivery.items] == [61]
    assert write(browser, campaign, NEWS, told.public_id).status_code == 303
    assert stored().delivery is None


def test_a_planned_update_is_published_when_its_time_has_come(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    later = clock.now() + timedelta(hours=3)
    assert write(browser, campaign, NEWS | {"action": "schedule", "publish_at": later.isoformat()}).status_code == 303
    assert (stored().state, stored().publish_at) == (UpdateState.SCHEDULED, later)
    assert "Canary" not in public(browser, campaign)
    for now, number in ((clock.now(), 0), (later, 1), (later, 0)):
        with transaction() as session:
            assert publish_due(session, now=now) == number
    assert (stored().state, stored().published_at, stored().publish_at) == (UpdateState.PUBLISHED, later, None)
    assert "Canary" in public(browser, campaign)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "update.publish")).one()
    assert entry.actor == "timetable"


BAD_FIELDS = [
    ("title", "", "Enter a title."),
    ("kind", "gossip", "Choose a kind"),
    ("stage", "lost", "Choose a stage"),
    ("link", "ftp://example.org", "whole address"),
    ("contents", "some kits", "a number and what it counts"),
    ("contents", "0 kits", "a number and what it counts"),
    ("contents", "99999999999 kits", "a number and what it counts"),
    ("contents", "1 kit\n" * 51, "at most 50 lines"),
    ("cost", "12.345", "Enter an amount"),
    ("delivered_on", "yesterday", "Enter a day"),
    ("delivered_on", "2199-01-01", "a day that has been"),
    ("publish_at", "soon", "a day and a time"),
]


def test_a_bad_field_is_named_and_everything_typed_is_kept(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    for field, value, says in BAD_FIELDS:
        answer = write(browser, campaign, DELIVERY | {"body": "typed at length"} | {field: value})
        assert answer.status_code == 422, (field, value)
        assert says in answer.text, (field, value)
        assert "typed at length" in answer.text
    assert not db.session.scalars(select(Update)).all()


def test_a_time_that_has_passed_is_refused(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    for moment in ("2020-01-01T00:00", ""):
        answer = write(browser, campaign, NEWS | {"action": "schedule", "publish_at": moment})
        assert (answer.status_code, "still to come" in answer.text) == (422, True)
    assert write(browser, campaign, NEWS | {"action": "burn"}).status_code == 422
    assert not db.session.scalars(select(Update)).all()


def test_the_zone_follows_summer_time(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    with time_machine.travel("2026-11-23T10:00:00Z", tick=True):
        browser.sign_in("editor@lantern.example")
        write(browser, campaign, NEWS | {"action": "schedule", "publish_at": "2027-07-01T09:00"})
    assert stored().publish_at.isoformat() == "2027-07-01T08:00:00+00:00"


def test_an_update_with_nothing_to_read_stays_a_draft(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    refused = write(browser, campaign, NEWS | {"body": " "})
    assert refused.status_code == 422
    assert "Write the text before readers see it." in refused.text
    assert "Canary heading" in refused.text
    assert write(browser, campaign, NEWS | {"body": "", "action": "draft"}).status_code == 303
    assert stored().state is UpdateState.DRAFT


def test_an_hour_that_the_clocks_skip_is_refused(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    skipped = NEWS | {"action": "schedule", "publish_at": "2027-03-28T01:30"}
    refused = write(browser, campaign, skipped)
    assert refused.status_code == 422
    assert "does not exist" in refused.text
    assert write(browser, campaign, skipped | {"publish_at": "2027-03-28T02:30"}).status_code == 303
