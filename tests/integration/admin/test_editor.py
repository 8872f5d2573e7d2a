"""The editor's ways: starting points, preview, checklist, revisions and their restoring, two editors at once."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from campaign.campaigns.models import BudgetLine, Campaign, CampaignState, ConsentWording, Demand, Revision, Threshold
from campaign.core.database import db
from campaign.staff.models import Role
from tests.factories import make_campaign, reread
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.test_campaigns import NEW, edit, move, send

S = CampaignState


def draft(**more: Any) -> Campaign:
    return make_campaign(state=S.DRAFT, published_at=None, **more)


def typed(page: str, name: str) -> str:
    """What the form's field holds."""
    area = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\r?\n(.*?)</textarea>', page, re.DOTALL)
    if area:
        return area[1]
    tag = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
    assert tag, name
    value = re.search(r'value="([^"]*)"', tag[0])
    return value[1] if value else ""


def revisions(campaign: Campaign) -> list[Revision]:
    query = select(Revision).where(Revision.campaign_id == campaign.id).order_by(Revision.edition)
    return list(db.session.scalars(query))


def test_a_template_fills_the_form_with_budget_and_milestones(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    page = browser.get("/admin/campaigns/new?template=appeal").text
    assert "[First demand in a few words.]" in typed(page, "demand")
    sent = {name: typed(page, name) for name in ("summary", "story", "demand", "goal", "budget", "milestones")}
    answer = send(browser, "/admin/campaigns/new?template=appeal", sent | {"title": "Warm clothes — for all"})
    assert answer.headers["Location"] == "/admin/campaigns/warm-clothes-for-all/edit"
    made = db.session.scalars(select(Campaign)).one()
    lines = db.session.scalars(select(BudgetLine).order_by(BudgetLine.id)).all()
    assert (lines[0].purpose, lines[0].amount_minor) == ("Food and water", 2_500_000)
    assert db.session.scalars(select(Threshold.count).order_by(Threshold.count)).all() == [1000, 5000]
    assert "No words in [brackets]" in browser.get(f"/admin/campaigns/{made.slug}/edit").text


def test_a_copy_takes_the_words_and_leaves_what_is_one_campaigns_own(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    send(browser, "/admin/campaigns/new", NEW | {
        "takes_donations": "y", "budget": "Blankets: 2,500.50", "milestones": "10,000 Ask again",
        "closes_at": "2030-01-01T00:00", "theme_colour": "#12508f", "fundraiser_amount": "5", "fundraiser_as_of": "2026-01-01T00:00",
    })  # fmt: skip
    page = browser.get("/admin/campaigns/new?copy=open-the-door").text
    assert typed(page, "title") == "Copy of Open the door"
    assert (typed(page, "slug"), typed(page, "closes_at"), typed(page, "fundraiser_amount")) == ("", "", "")
    assert (typed(page, "budget"), typed(page, "milestones")) == ("Blankets: 2500.50", "10,000 Ask again")
    assert (typed(page, "story"), typed(page, "theme_colour")) == ("The *story*.", "#12508f")
    assert "checked" in re.search(r'<input[^>]* name="takes_donations"[^>]*>', page)[0]  # type: ignore[index]


def test_only_campaigns_that_one_works_on_can_be_copied(sign_in: SignIn) -> None:
    other = make_campaign(story="Not for everybody.")
    own = make_campaign()
    browser = sign_in(Role.EDITOR, campaign_id=own.id)
    assert browser.get(f"/admin/campaigns/new?copy={other.slug}").status_code == 403
    wide = Browser(browser.app)
    assert "Not for everybody" not in wide.get(f"/admin/campaigns/new?copy={other.slug}", follow_redirects=True).text


def test_preview_shows_the_texts_and_stores_nothing(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), draft()
    answer = edit(browser, campaign, story="## Now\n\n**Bold** <script>alert(1)</script>", action="preview", title="")
    assert answer.status_code == 200
    assert "<strong>Bold</strong> &lt;script&gt;" in answer.text
    assert reread(campaign).story == "The *story*."
    live = send(browser, "/admin/text-preview", {"text": "## Now\n\n**Bold** <img src=x onerror=y>"})
    assert live.text == "<h3>Now</h3>\n<p><strong>Bold</strong> &lt;img src=x onerror=y&gt;</p>\n"
    assert (
        "connect-src 'self'" in browser.get(f"/admin/campaigns/{campaign.slug}/edit").headers["Content-Security-Policy"]
    )


def test_a_story_in_another_script_fits(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), draft()
    story = "Відчиніть двері. " * 1700
    path, token = f"/admin/campaigns/{campaign.slug}/edit", browser.token("/admin/")
    sent = {"content_type": "multipart/form-data", "token": token}
    assert browser.post(path, {"story": story}, **sent).status_code == 303
    assert reread(campaign).story == story.strip()
    assert browser.post("/admin/text-preview", {"text": story}, **sent).status_code == 200


def test_the_checklist_links_to_what_is_missing_and_stops_for_the_alternative_text(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), draft(summary="", picture="a.jpg", picture_alt="")
    path = f"/admin/campaigns/{campaign.slug}"
    page = browser.get(f"{path}/edit").text
    for link in (f"{path}/edit#summary", f"{path}/edit#picture_alt", f"{path}/spending", f"{path}/goals"):
        assert f'<a href="{link}">' in page, link
    assert "Needed" in page
    refused = move(browser, campaign, "published")
    assert (refused.status_code, "Say in words what the picture shows" in refused.text) == (422, True)
    assert edit(browser, campaign, action="publish", title="Kept").status_code == 422
    assert (reread(campaign).state, campaign.title) != (S.PUBLISHED, "Kept")
    assert edit(browser, campaign, picture_alt="A door", action="publish").status_code == 303
    assert reread(campaign).state is S.PUBLISHED
    assert edit(browser, campaign, picture_alt="").status_code == 422


def test_every_edit_is_a_revision_with_its_author(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), make_campaign()
    edit(browser, campaign, summary="Second words.")
    edit(browser, campaign, summary="Second words.")  # nothing new
    edit(browser, campaign, summary="Third words.", closes_at="2030-01-01T00:00")
    found = revisions(campaign)
    assert [row.author for row in found] == ["", "editor@lantern.example", "editor@lantern.example"]
    assert [row.content["summary"] for row in found][1:] == ["Second words.", "Third words."]
    page = browser.get(f"/admin/campaigns/{campaign.slug}/revisions").text
    assert "Summary, Closes" in page
    one = browser.get(f"/admin/campaigns/{campaign.slug}/revisions/{found[1].edition}").text
    assert "What we ask, in three sentences." in one
    assert "2030-01-01 00:00" in one
    assert browser.get(f"/admin/campaigns/{campaign.slug}/revisions/{found[-1].edition + 7}").status_code == 404
    other = make_campaign()
    assert browser.get(f"/admin/campaigns/{other.slug}/revisions/{found[1].edition}").status_code == 404


def restore(browser: Browser, campaign: Campaign, revision: Revision) -> Any:
    return send(browser, f"/admin/campaigns/{campaign.slug}/revisions/{revision.edition}/restore", {})


def test_a_revision_is_restored_and_the_address_stays(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), make_campaign(closes_at=None)
    edit(browser, campaign, summary="Worse.", closes_at="2030-01-01T00:00", slug="another")
    assert restore(browser, reread(campaign), revisions(campaign)[0]).status_code == 303
    now = reread(campaign)
    assert (now.summary, now.closes_at, now.slug) == ("What we ask, in three sentences.", None, "another")
    assert len(revisions(campaign)) == 3


def test_restoring_other_words_of_the_demand_asks_for_a_note(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), make_campaign()
    edit(browser, campaign, demand="1. Later.", demand_note="Less.", goal="5000", goal_note="More.")
    refused = restore(browser, campaign, revisions(campaign)[0])
    assert refused.status_code == 422
    assert typed(refused.text, "demand") == "1. **Do** it.\n2. Soon."
    assert typed(refused.text, "goal") == "1000"
    fields = {name: typed(refused.text, name) for name in ("demand", "goal", "edition")}
    again = edit(browser, campaign, **fields, demand_note="It was better.", goal_note="It was better.")
    assert (again.status_code, reread(campaign).goal) == (303, 1000)
    assert db.session.scalars(select(Demand.note).order_by(Demand.version)).all() == ["", "Less.", "It was better."]


def test_what_only_the_other_changed_is_taken_over_and_what_both_changed_is_shown(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), make_campaign()
    before = reread(campaign).edition
    as_shown = {
        "title": campaign.title,
        "target": campaign.target,
        "goal": "1,000",
        "demand": "1. **Do** it.\n2. Soon.",
    }
    edit(
        browser,
        campaign,
        title="Theirs too",
        target="the Prime Minister",
        summary="Their summary.",
        closes_at="2030-01-01T00:00",
    )
    mine = as_shown | {"summary": "My summary.", "story": "My story.", "closes_at": "", "edition": before}
    stale = edit(browser, campaign, **mine)
    assert stale.status_code == 409
    assert "editor@lantern.example" in stale.text
    # Both changed the summary: mine stays in the form, theirs stands beside it, and what we started from is told.
    assert typed(stale.text, "summary") == "My summary."
    assert "Their summary." in stale.text
    assert "What we ask, in three sentences." in stale.text
    # Only one of us changed the others: nobody's are lost, and the form has all of them.
    assert (typed(stale.text, "title"), typed(stale.text, "target")) == ("Theirs too", "the Prime Minister")
    assert (typed(stale.text, "story"), typed(stale.text, "closes_at")) == ("My story.", "2030-01-01T00:00")
    names = ("title", "target", "summary", "story", "closes_at", "edition", "goal")
    again = edit(browser, campaign, **{name: typed(stale.text, name) for name in names})
    assert again.status_code == 303
    now = reread(campaign)
    assert (now.title, now.target, now.summary, now.story) == (
        "Theirs too",
        "the Prime Minister",
        "My summary.",
        "My story.",
    )
    assert now.closes_at is not None
    assert "Their summary." in [row.content["summary"] for row in revisions(campaign)]


def test_the_demand_is_brought_together_as_well(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), draft()
    before = reread(campaign).edition
    edit(browser, campaign, demand="1. Theirs.")
    stale = edit(browser, campaign, demand="1. Mine.", edition=before)
    assert (stale.status_code, typed(stale.text, "demand")) == (409, "1. Mine.")
    assert "Theirs." in stale.text
    untouched = edit(browser, campaign, demand="1. **Do** it.\r\n2. Soon.", summary="Mine.", edition=before)
    assert (untouched.status_code, typed(untouched.text, "demand")) == (409, "1. Theirs.")


def test_wordings_of_consent_are_versioned_once_people_agree_to_them(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), draft()
    edit(browser, campaign, consent_updates="Write to me.")
    edit(browser, campaign, consent_updates="Mail me.")
    assert move(browser, campaign, "published").status_code == 303
    edit(browser, campaign, consent_updates="Mail me at times.", consent_name="Name me.")
    edit(browser, campaign, summary="Another edit.")
    found = db.session.scalars(select(ConsentWording).order_by(ConsentWording.version)).all()
    assert [(row.version, row.name_text, row.updates_text) for row in found] == [
        (1, "", "Mail me."),
        (2, "Name me.", "Mail me at times."),
    ]
    assert reread(campaign).consent_version == 2


@pytest.mark.parametrize("published", [True, False])
def test_an_address_is_never_given_to_another_campaign(sign_in: SignIn, published: bool) -> None:
    browser, campaign = sign_in(Role.EDITOR), make_campaign(slug="first") if published else draft(slug="first")
    assert edit(browser, campaign, slug="second").status_code == 303
    taken = send(browser, "/admin/campaigns/new", NEW | {"slug": "first"})
    assert taken.status_code == (422 if published else 303)
    if published:
        assert "Another campaign has this address, or had it" in taken.text
        assert edit(browser, reread(campaign), slug="first").status_code == 303  # its own it may take again
        assert edit(browser, make_campaign(), slug="second").status_code == 422


def test_two_editors_of_the_budget_and_of_the_milestones_lose_nothing(sign_in: SignIn) -> None:
    browser, campaign = sign_in(Role.EDITOR), make_campaign()
    for path, first, second in [
        ("spending/budget", "Blankets: 2500", "Tents: 100"),
        ("goals", "10,000 Ask again", "20,000 Ask them all"),
    ]:
        where = f"/admin/campaigns/{campaign.slug}/{path}"
        assert send(browser, where, {"lines": first, "seen": ""}).status_code == 303
        stale = send(browser, where, {"lines": second, "seen": ""})
        assert stale.status_code == 409
        assert typed(stale.text, "lines") == second
        assert typed(stale.text, "seen") == first
        assert stale.text.count("[added:") == 2  # theirs and mine
        both = f"{first}\n{second}"
        assert send(browser, where, {"lines": both, "seen": typed(stale.text, "seen")}).status_code == 303
    lines = db.session.scalars(select(BudgetLine.purpose).order_by(BudgetLine.id)).all()
    assert lines == ["Blankets", "Tents"]
    assert db.session.scalars(select(Threshold.count).order_by(Threshold.count)).all() == [10_000, 20_000]
