"""Editing campaigns: what is stored, what is refused, two editors at once, versions of the demand, states."""

from typing import Any

from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, CampaignState, Demand
from campaign.core.database import db
from campaign.staff.models import Role
from tests.factories import make_campaign, make_signature, reread
from tests.integration.admin.conftest import Browser, SignIn

S = CampaignState
NEW = {
    "title": "Open the door",
    "slug": "open-the-door",
    "summary": "Three sentences.",
    "story": "The *story*.",
    "demand": "1. Open the door.",
    "target": "the Home Secretary",
    "goal": "250,000",
    "currency": "EUR",
    "embed_hosts": "https://www.lantern.example/\nNEWS.lantern.example:8080",
}


def send(browser: Browser, path: str, fields: dict[str, Any]) -> Any:
    answer = browser.post(path, fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def edit(browser: Browser, campaign: Campaign, **fields: Any) -> Any:
    return send(browser, f"/admin/campaigns/{campaign.slug}/edit", fields)


def move(browser: Browser, campaign: Campaign, state: str) -> Any:
    return send(browser, f"/admin/campaigns/{campaign.slug}/state", {"state": state})


def demands(campaign: Campaign) -> list[tuple[int, str, str]]:
    query = select(Demand).where(Demand.campaign_id == campaign.id).order_by(Demand.version)
    return [(row.version, row.text, row.note) for row in db.session.scalars(query)]


def test_a_campaign_is_written_published_closed_and_withdrawn(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    assert send(browser, "/admin/campaigns/new", NEW).headers["Location"] == "/admin/campaigns/open-the-door/edit"
    made = db.session.scalars(select(Campaign)).one()
    assert (made.state, made.goal, made.currency, made.country) == (S.DRAFT, 250_000, "EUR", "GB")
    assert (made.short_name, made.donation_minimum_minor) == ("Open the door", 200)
    assert made.embed_hosts == "www.lantern.example\nnews.lantern.example:8080"
    assert demands(made) == [(1, "1. Open the door.", "")]
    assert browser.get("/campaigns/open-the-door").status_code == 404
    assert move(browser, made, "published").status_code == 303
    assert browser.get("/campaigns/open-the-door").status_code == 200
    assert reread(made).published_at is not None
    first = made.published_at
    assert move(browser, made, "closed").status_code == 303
    assert reread(made).closed_at is not None
    assert move(browser, made, "published").status_code == 303
    assert (reread(made).published_at, made.closed_at) == (first, None)
    assert move(browser, made, "withdrawn").status_code == 303
    assert browser.get("/campaigns/open-the-door").status_code == 410
    trail = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in trail if action.startswith("campaign.")] == [
        "campaign.created", "campaign.published", "campaign.closed", "campaign.published", "campaign.withdrawn",
    ]  # fmt: skip


NO_MOVES = [
    (S.DRAFT, "closed"), (S.DRAFT, "withdrawn"), (S.DRAFT, "draft"), (S.PUBLISHED, "published"),
    (S.PUBLISHED, "draft"), (S.CLOSED, "closed"), (S.WITHDRAWN, "published"), (S.WITHDRAWN, "closed"),
]  # fmt: skip


def test_other_moves_are_refused(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    for state, to in NO_MOVES:
        campaign = make_campaign(state=state)
        answer = move(browser, campaign, to)
        assert answer.status_code == 409, (state, to)
        assert "cannot go to that state" in answer.text
        assert reread(campaign).state is state
        assert move(browser, campaign, "nonsense").status_code == 422


def test_publishing_needs_a_demand_and_somebody_to_ask(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    send(browser, "/admin/campaigns/new", NEW | {"demand": ""})
    made = db.session.scalars(select(Campaign)).one()
    answer = move(browser, made, "published")
    assert answer.status_code == 422
    assert "it is what people sign" in answer.text
    assert edit(browser, made, **NEW | {"target": ""}).status_code == 303
    assert "Write who is asked" in move(browser, made, "published").text
    assert reread(made).state is S.DRAFT


BAD_FIELDS = [
    ("title", "", "Enter a title."),
    ("title", "two\nlines", "on one line"),
    ("title", "x" * 201, "Shorten this to 200 characters."),
    ("slug", "Not A Slug", "small letters"),
    ("slug", "-", "small letters"),
    ("slug", "../admin", "small letters"),
    ("goal", "0", "whole number"),
    ("goal", "-5", "whole number"),
    ("goal", "1e3", "whole number"),
    ("goal", "٣", "whole number"),
    ("goal", "many", "whole number"),
    ("country", "XX", "Choose a country"),
    ("currency", "DEM", "Choose a currency"),
    ("donation_goal", "1e3", "Enter an amount"),
    ("donation_minimum", "0.01", "nothing below"),
    ("suggested_amounts", "10,many", "Enter an amount"),
    ("suggested_amounts", ",", "one to six"),
    ("suggested_amounts", "10,1.99", "Suggest nothing below 2 EUR"),
    ("monthly_amounts", "1,2,3,4,5,6,7", "one to six"),
    ("monthly_amounts", "5,1.99", "Suggest nothing below 2 EUR"),
    ("other_currencies", "DEM", "Enter codes"),
    ("embed_hosts", "www.example.org; script-src *", "is not a host"),
    ("fundraiser_url", "javascript:alert(1)", "whole address"),
    ("fundraiser_amount", "38,450", "as of when"),
    ("closes_at", "soon", "a day and a time"),
    ("theme_colour", "blue", "like #12508f"),
    ("theme_colour", "#3aa0ff", "a contrast of 2.7 to 1"),
    ("theme_colour", "#2375d0", "a contrast of 4.2 to 1"),
    ("theme_accent", "#a02020", "a contrast of 2.1 to 1"),
    ("logo_text", "x" * 13, "Shorten this"),
    ("budget", "Blankets", "a colon and an amount"),
    ("milestones", "soon", "a number and what is due"),
]


def test_a_bad_field_is_named_and_everything_typed_is_kept(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    for field, value, says in BAD_FIELDS:
        answer = send(browser, "/admin/campaigns/new", NEW | {"story": "typed at length"} | {field: value})
        assert answer.status_code == 422, (field, value)
        assert says in answer.text, (field, value)
        assert "<title>Error: " in answer.text
        assert f'href="#{field}"' in answer.text
        assert "typed at length" in answer.text
    assert not db.session.scalars(select(Campaign)).all()


def test_nothing_is_suggested_that_a_donor_could_not_give(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    for minimum, amounts, least in [
        ("5", "4.99,10", "5 EUR"),
        ("", "0.49,10", "0.50 EUR"),
        ("0.01", "0.02", "0.50 EUR"),
        ("12.50", "10", "12.50 EUR"),
    ]:
        fields = NEW | {"donation_minimum": minimum, "suggested_amounts": amounts}
        answer = send(browser, "/admin/campaigns/new", fields)
        assert answer.status_code == 422
        assert f"Suggest nothing below {least}: a smaller gift is refused." in answer.text, minimum
    assert not db.session.scalars(select(Campaign)).all()
    fine = NEW | {"donation_minimum": "0.50", "suggested_amounts": "0.50, 10"}
    assert send(browser, "/admin/campaigns/new", fine).status_code == 303
    stored = db.session.scalars(select(Campaign)).one()
    assert (stored.suggested_amounts, stored.monthly_amounts) == ("0.50,10", "3,5,10,20")


def test_monthly_amounts_and_currencies_are_the_editors_choice(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    sent = NEW | {"monthly_amounts": "", "other_currencies": "usd, EUR,USD, gbp"}
    assert send(browser, "/admin/campaigns/new", sent).status_code == 303
    stored = db.session.scalars(select(Campaign)).one()
    assert (stored.monthly_amounts, stored.other_currencies) == ("", "USD,GBP")
    dearer = NEW | {"slug": "dearer", "donation_minimum": "8", "suggested_amounts": "10"}
    assert send(browser, "/admin/campaigns/new", dearer).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Campaign).where(Campaign.slug == "dearer")).one().monthly_amounts == "10,20"


def test_a_slug_is_there_once(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    first, second = make_campaign(slug="taken"), make_campaign(state=S.DRAFT, published_at=None)
    answer = send(browser, "/admin/campaigns/new", NEW | {"slug": "taken"})
    assert (answer.status_code, "Another campaign has this address" in answer.text) == (422, True)
    assert edit(browser, second, slug="taken").status_code == 422
    assert edit(browser, second, slug="free").status_code == 303
    assert reread(second).slug == "free"
    assert edit(browser, first, currency="EUR").status_code == 422


def test_the_later_of_two_editors_is_told_and_loses_nothing(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    before = campaign.edition
    assert edit(browser, campaign, summary="First editor's words.", edition=before).status_code == 303
    stale = edit(browser, campaign, summary="Second editor's words.", edition=before)
    assert stale.status_code == 409
    assert "changed this campaign meanwhile" in stale.text
    assert "First editor&#39;s words." in stale.text
    assert "Second editor&#39;s words." in stale.text
    assert reread(campaign).summary == "First editor's words."
    now = reread(campaign).edition
    assert f'value="{now}"' in stale.text
    again = edit(browser, campaign, summary="Both together.", edition=now)
    assert (again.status_code, reread(campaign).summary) == (303, "Both together.")


def test_a_change_of_state_counts_as_a_change(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    before = campaign.edition
    move(browser, campaign, "closed")
    assert edit(browser, campaign, summary="Still open?", edition=before).status_code == 409


def test_published_words_get_a_new_version_and_a_note(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    signature = make_signature(campaign)
    old = demands(campaign)
    without = edit(browser, campaign, demand="1. Something else.")
    assert (without.status_code, "people signed other words" in without.text) == (422, True)
    assert demands(campaign) == old
    note = "The first demand was met."
    assert edit(browser, campaign, demand="1. Something else.", demand_note=note).status_code == 303
    assert demands(campaign) == [*old, (2, "1. Something else.", note)]
    assert reread(signature).demand_id == db.session.scalar(select(Demand.id).where(Demand.version == 1))
    assert edit(browser, campaign, demand="1. Something else.", title="Only the title").status_code == 303
    assert len(demands(campaign)) == 2


def test_a_drafts_demand_is_written_in_place(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(state=S.DRAFT, published_at=None), sign_in(Role.EDITOR)
    assert edit(browser, campaign, demand="1. Another draft.").status_code == 303
    assert demands(campaign) == [(1, "1. Another draft.", "")]


def test_times_are_typed_in_the_sites_zone(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    edit(browser, campaign, closes_at="2030-07-01T12:00")
    assert reread(campaign).closes_at.isoformat() == "2030-07-01T11:00:00+00:00"
    assert 'value="2030-07-01T12:00"' in browser.get(f"/admin/campaigns/{campaign.slug}/edit").text
    late = edit(browser, campaign, opens_at="2031-01-01T00:00", closes_at="2030-01-01T00:00")
    assert "after the opening time" in late.text


def test_markup_stays_text(sign_in: SignIn) -> None:
    browser = sign_in(Role.EDITOR)
    evil = "<script>alert(1)</script>"
    send(browser, "/admin/campaigns/new", NEW | {"title": evil, "story": evil, "target": evil, "demand": evil})
    made = db.session.scalars(select(Campaign)).one()
    move(browser, made, "published")
    for path in ("/admin/", "/admin/campaigns", "/admin/campaigns/open-the-door/edit", "/campaigns/open-the-door"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text, path
