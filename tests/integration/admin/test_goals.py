"""Goals that change with a note, days when they were reached, and numbers at which the staff is written to, once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, CampaignState, Goal, Threshold, ThresholdNotice
from campaign.campaigns.thresholds import reach
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.links import Links
from campaign.mail.models import MailKind, OutboxMessage
from campaign.petitions.models import CollectedTally
from campaign.petitions.transitions import Move, move
from campaign.settings import Settings
from campaign.staff.models import Role, StaffUser
from campaign.worker.goals import watch_goals, watch_thresholds
from campaign.worker.notices import threshold_reached
from tests.factories import NOW, make_campaign, make_signature
from tests.integration.admin.conftest import Browser, SignIn, make_person


def edit(browser: Browser, campaign: Campaign, **fields: Any) -> Any:
    db.session.rollback()
    edition = str(db.session.get(Campaign, campaign.id).edition)
    path = f"/admin/campaigns/{campaign.slug}/edit"
    answer = browser.post(path, {"edition": edition} | fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def goals(campaign: Campaign) -> list[tuple[int, str, bool]]:
    db.session.rollback()
    rows = db.session.scalars(select(Goal).where(Goal.campaign_id == campaign.id).order_by(Goal.id))
    return [(row.count, row.note, row.reached_at is not None) for row in rows]


def collect(campaign: Campaign, count: int) -> None:
    with transaction() as session:
        session.add(
            CollectedTally(campaign_id=campaign.id, origin="paper", source="lists", count=count, counted_on=NOW.date())
        )


def test_a_goal_changes_with_a_public_note_and_the_old_one_stays_on_record(
    sign_in: SignIn, client: FlaskClient
) -> None:
    campaign, browser = make_campaign(goal=1000), sign_in(Role.EDITOR)
    refused = edit(browser, campaign, goal="2000")
    assert refused.status_code == 422
    assert "Say publicly why the goal is changed" in refused.text
    assert goals(campaign) == [(1000, "", False)]
    assert edit(browser, campaign, goal="2000", goal_note="More of you came than we <b>hoped</b>.").status_code == 303
    assert goals(campaign) == [(1000, "", False), (2000, "More of you came than we <b>hoped</b>.", False)]
    assert edit(browser, campaign, title="A new title", goal="2000").status_code == 303
    assert len(goals(campaign)) == 2
    page = client.get(f"/campaigns/{campaign.slug}").text
    assert "The goal is 2,000." in page
    assert "The goal before was 1,000." in page
    assert "This goal was set by The Daily Lantern on" in page
    history = client.get(f"/campaigns/{campaign.slug}/history").text
    assert "More of you came than we &lt;b&gt;hoped&lt;/b&gt;." in history
    assert history.index("2,000") < history.index("1,000")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "goal.changed")).one()
    assert (entry.details["goal"], entry.reason) == (2000, "More of you came than we <b>hoped</b>.")


def test_before_publication_there_is_one_goal(sign_in: SignIn) -> None:
    campaign = make_campaign(goal=1000, state=CampaignState.DRAFT, published_at=None)
    browser = sign_in(Role.EDITOR)
    assert edit(browser, campaign, goal="500").status_code == 303
    assert goals(campaign) == [(500, "", False)]


def test_the_day_when_a_goal_was_reached_is_kept(client: FlaskClient) -> None:
    campaign, other = make_campaign(goal=3), make_campaign(goal=3)
    first = make_signature(campaign)
    make_signature(other)
    assert watch_goals() == 0
    collect(campaign, 2)
    with time_machine.travel("2026-04-02 12:00:00+00:00", tick=False):
        assert watch_goals() == 1
    assert watch_goals() == 0
    assert (goals(campaign), goals(other)) == ([(3, "", True)], [(3, "", False)])
    page = client.get(f"/campaigns/{campaign.slug}").text
    assert "The goal of 3 was reached on 2 April. Thank you. The petition stays open." in page
    with transaction() as session:
        move(session, [first.id], campaign_id=campaign.id, by=Move.INVALIDATE, now=clock.now())
    assert "The goal is 3." in client.get(f"/campaigns/{campaign.slug}").text  # at once, before any worker comes by
    assert watch_goals() == 1
    assert goals(campaign) == [(3, "", False)]


def test_a_goal_that_was_reached_stays_so_when_the_next_is_set(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(goal=2), sign_in(Role.EDITOR)
    make_signature(campaign)
    last = make_signature(campaign)
    with time_machine.travel("2026-04-02 12:00:00+00:00", tick=False):
        assert watch_goals() == 1
    assert edit(browser, campaign, goal="10", goal_note="Further.").status_code == 303
    with transaction() as session:
        move(session, [last.id], campaign_id=campaign.id, by=Move.HOLD, now=clock.now())
    assert watch_goals() == 0
    assert goals(campaign) == [(2, "", True), (10, "Further.", False)]
    assert "2 was reached on 2 April." in client.get(f"/campaigns/{campaign.slug}").text


def set_lines(browser: Browser, campaign: Campaign, lines: str) -> Any:
    answer = browser.post(f"/admin/campaigns/{campaign.slug}/goals", {"lines": lines}, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.kind == MailKind.THRESHOLD_REACHED).order_by(OutboxMessage.id)
    return list(db.session.scalars(query))


def test_everybody_of_the_campaign_is_written_to_once(sign_in: SignIn, settings: Settings) -> None:
    campaign, other = make_campaign(), make_campaign()
    browser = sign_in(Role.EDITOR, email="everywhere@lantern.example")
    make_person(Role.MODERATOR, email="here@lantern.example", campaign_id=campaign.id)
    make_person(Role.ADMIN, email="elsewhere@lantern.example", campaign_id=other.id)
    gone = make_person(Role.ADMIN, email="gone@lantern.example")
    with transaction() as session:
        session.execute(update(StaffUser).where(StaffUser.id == gone.id).values(active=False))
    assert set_lines(browser, campaign, "2 Ask again <now>\n1,000: An answer is due\n").status_code == 303
    make_signature(campaign)
    for _ in range(3):
        make_signature(other)
    assert watch_thresholds(settings) == 0
    make_signature(campaign)
    assert watch_thresholds(settings) == 1
    assert watch_thresholds(settings) == 0
    found = [threshold_reached(db.session(), mail.object_id, Links("http://campaign.test")) for mail in mails()]
    assert [one[0] for one in found if one] == ["everywhere@lantern.example", "here@lantern.example"]
    assert (found[0][1]["count"], found[0][1]["label"]) == (2, "Ask again <now>")  # type: ignore[index]
    page = browser.get(f"/admin/campaigns/{campaign.slug}/goals").text
    assert "Ask again &lt;now&gt;" in page.partition("Reached already")[2]
    assert "1,000 An answer is due</textarea>" in page


def test_workers_at_once_write_once(sign_in: SignIn, settings: Settings) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    set_lines(browser, campaign, "1 One")
    make_signature(campaign)
    for _ in range(2):  # the second as a worker that read before the first wrote
        with transaction() as session:
            threshold = session.scalars(select(Threshold)).one()
            reach(session, threshold, hash_key=settings.hash_key, language="en", now=clock.now())
    assert len(mails()) == db.session.scalar(select(func.count()).select_from(ThresholdNotice)) == 1


def test_what_was_reached_stays_and_the_rest_is_stored_anew(sign_in: SignIn, settings: Settings) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    set_lines(browser, campaign, "1 First\n50 Fifty\n60 Sixty")
    make_signature(campaign)
    assert watch_thresholds(settings) == 1
    assert set_lines(browser, campaign, "1 Renamed\n60 Sixty, reworded\n70 Seventy").status_code == 303
    rows = db.session.execute(select(Threshold.count, Threshold.label).order_by(Threshold.count)).all()
    assert [tuple(row) for row in rows] == [(1, "First"), (60, "Sixty, reworded"), (70, "Seventy")]
    assert watch_thresholds(settings) == 0
    assert len(mails()) == 1


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("many", "Write a number"), ("0 Nothing", "Write a number"), ("5", "Write a number"), ("1e3 x", "Write a number"),
        ("-5 x", "Write a number"), ("٣ x", "Write a number"), (f"5 {'x' * 201}", "Write a number"),
        ("5 One\n5 Two", "Write each number once."), ("\n".join(f"{n} x" for n in range(1, 22)), "at most 20 lines"),
    ],
)  # fmt: skip
def test_bad_lines_are_refused_with_what_was_typed(sign_in: SignIn, lines: str, says: str) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    answer = set_lines(browser, campaign, lines)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert lines.splitlines()[0] in answer.text
    assert db.session.scalars(select(Threshold)).all() == []


def test_nobody_is_written_to_about_a_campaign_that_is_over(sign_in: SignIn, settings: Settings) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    set_lines(browser, campaign, "1 First")
    with transaction() as session:
        session.execute(update(Campaign).values(state=CampaignState.CLOSED))
    make_signature(campaign)
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=True):
        assert watch_thresholds(settings) == 0
