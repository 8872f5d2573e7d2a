"""Answers of who is asked: point by point and in full, as readers see them, and to the wording that they were given to."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Answer, AnsweredPoint, Campaign
from campaign.core.database import db
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn

FIELDS = {
    "asked_on": "2026-03-04",
    "state_1": "partly_agreed",
    "answered_on_1": "2026-03-11",
    "text_1": "Passport holders <b>can</b> apply.",
    "state_2": "none",
    "text_2": "We have asked again.",
    "full_text": "Dear editor,\n\n**we have read** your letter. <script>alert(1)</script>",
    "edition": "0",
}


def store(browser: Browser, campaign: Campaign, **fields: Any) -> Any:
    path = f"/admin/campaigns/{campaign.slug}/answers"
    answer = browser.post(path, FIELDS | fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def section(client: FlaskClient, campaign: Campaign) -> str:
    """What readers see of the answers; empty where there is nothing."""
    _before, found, after = client.get(f"/campaigns/{campaign.slug}").text.partition('id="answer"')
    return after.partition("</section>")[0] if found else ""


def test_answers_stand_on_the_page_point_by_point(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, other = make_campaign(), make_campaign()
    browser = sign_in(Role.EDITOR)
    assert section(client, campaign) == ""
    assert store(browser, campaign).status_code == 303
    shown = section(client, campaign)
    assert "What the Home Secretary has said" in shown
    assert "Asked on 4 March." in shown
    assert "Answered on 11 March." in shown
    first, second = shown.split("<li>")[1:]
    assert "<p>Do</p>" in first
    assert "Partly agreed" in first
    assert "Passport holders &lt;b&gt;can&lt;/b&gt; apply." in first
    assert "<p>Soon.</p>" in second
    assert "No answer yet" in second
    assert "<strong>we have read</strong>" in shown
    assert "<script>" not in shown
    assert section(client, other) == ""
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "answers.changed")).one()
    assert (entry.campaign_id, entry.details["states"]) == (campaign.id, {"1": "partly_agreed", "2": "none"})


def test_what_is_stored_stands_in_the_form_and_is_stored_anew(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    store(browser, campaign)
    page = browser.get(f"/admin/campaigns/{campaign.slug}/answers").text
    for words in (
        'value="2026-03-04"',
        'value="2026-03-11"',
        '<option value="partly_agreed" selected>',
        "**we have read**",
    ):
        assert words in page
    again = store(browser, campaign, edition="1", state_1="agreed", state_2="refused", answered_on_2="2026-03-12")
    assert again.status_code == 303
    points = db.session.scalars(select(AnsweredPoint).order_by(AnsweredPoint.number)).all()
    assert [(point.state, str(point.answered_on)) for point in points] == [
        ("agreed", "2026-03-11"), ("refused", "2026-03-12"),
    ]  # fmt: skip


def test_a_day_without_an_answer_is_dropped(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    assert store(browser, campaign, state_1="none").status_code == 303
    assert db.session.scalars(select(AnsweredPoint.answered_on)).all() == [None, None]


BAD = [
    ("state_1", "maybe", "Choose a state from the list."),
    ("answered_on_1", "", "Enter the day of this answer."),
    ("answered_on_1", "12/03/2026", "Enter a day, like 2026-03-12."),
    ("answered_on_1", "2999-01-01", "Enter a day that has been."),
    ("asked_on", "2999-01-01", "Enter a day that has been."),
    ("text_1", "x" * 501, "Shorten this to 500 characters."),
    ("text_2", "two\nlines", "on one line"),
]


def test_a_bad_form_asks_again_and_stores_nothing(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    for name, value, words in BAD:
        answer = store(browser, campaign, **{name: value})
        assert answer.status_code == 422, name
        assert words in answer.text, name
        assert "We have asked again." in answer.text or name == "text_2"
    assert db.session.scalars(select(Answer)).all() == []


def test_two_editors_at_once_see_each_other(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    assert store(browser, campaign).status_code == 303
    for late in ("0", "7", "x"):
        answer = store(browser, campaign, edition=late, text_1="Mine, typed meanwhile.")
        assert answer.status_code == 409
        assert "Mine, typed meanwhile." in answer.text
        assert "Passport holders &lt;b&gt;can&lt;/b&gt; apply." in answer.text
    assert 'name="edition" type="hidden" value="1"' in answer.text
    assert db.session.scalars(select(AnsweredPoint.text).order_by(AnsweredPoint.number)).first() == FIELDS["text_1"]
    assert store(browser, campaign, edition="1", text_1="Mine, typed meanwhile.").status_code == 303


def test_an_answer_stays_with_the_words_that_were_answered(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    store(browser, campaign)
    edit = f"/admin/campaigns/{campaign.slug}/edit"
    words = {
        "demand": "1. **Begin** now.\n2. **Do** it.\n3. Soon.",
        "demand_note": "A new first point.",
        "edition": "1",
    }
    assert browser.post(edit, words, token=browser.token("/admin/")).status_code == 303
    assert "<p>Do</p>" in section(client, campaign).split("<li>")[1]
    assert "reworded since" in browser.get(f"/admin/campaigns/{campaign.slug}/answers").text
    moved = {
        "edition": "1",
        "state_1": "none",
        "state_2": "partly_agreed",
        "answered_on_2": "2026-03-11",
        "state_3": "none",
    }
    assert store(browser, campaign, **moved).status_code == 303
    first, second, third = section(client, campaign).split("<li>")[1:]
    assert ("Begin" in first, "Do" in second, "Soon" in third) == (True, True, True)
    assert "Partly agreed" in second
    assert "reworded since" not in browser.get(f"/admin/campaigns/{campaign.slug}/answers").text


def test_a_demand_that_is_no_list_is_answered_as_a_whole(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    edit = f"/admin/campaigns/{campaign.slug}/edit"
    words = {"demand": "Open the door.", "demand_note": "In one sentence.", "edition": "1"}
    browser.post(edit, words, token=browser.token("/admin/"))
    assert store(browser, campaign, state_1="refused").status_code == 303
    shown = section(client, campaign)
    assert shown.count("<li>") == 1
    assert "Refused" in shown
