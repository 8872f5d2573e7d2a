"""What the editor's settings do for readers: former addresses, secret links, own colours, words and privacy texts."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.campaigns.drafts import close_preview, open_preview
from campaign.campaigns.editing import edit_campaign
from campaign.campaigns.edits import Wording
from campaign.campaigns.models import Campaign, CampaignState
from campaign.campaigns.revisions import content_of, read_content
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.tokens import Purpose, Tokens
from campaign.donations.models import Donation
from campaign.petitions.models import Signature
from campaign.settings import Settings
from tests.conftest import BASE_URL
from tests.factories import make_campaign, reread

DEMAND = "1. **Do** it.\n2. Soon."
SENT = {"name": "Ada Lovelace", "email": "ada@example.org", "country": "GB"}
OURS = {"Origin": BASE_URL}


def change(campaign: Campaign, **values: Any) -> Campaign:
    found = reread(campaign)
    content = content_of(found, DEMAND)
    with transaction() as session:
        fields = read_content(content | values, found)
        object.__setattr__(fields, "slug", values.get("slug", found.slug))
        edit_campaign(
            session, found.id, fields, Wording(text=DEMAND), edition=found.edition, actor="test", now=clock.now()
        )
    changed: Campaign = reread(campaign)
    return changed


def test_a_former_address_leads_to_the_present_one(client: FlaskClient) -> None:
    campaign = make_campaign(slug="old")
    change(campaign, slug="newer")
    change(campaign, slug="newest")
    for former in ("old", "newer"):
        for path, query in [("", "?source=article"), ("/sign", ""), ("/donate", ""), ("/updates.atom", "")]:
            answer = client.get(f"/campaigns/{former}{path}{query}", base_url=BASE_URL)
            assert answer.status_code == 301, path
            assert answer.headers["Location"] == f"/campaigns/newest{path}{query}"
            assert answer.headers["Cache-Control"] == "no-store"
    api = client.get("/api/v1/campaigns/old")
    assert (api.status_code, api.headers["Location"]) == (301, "/api/v1/campaigns/newest")
    assert client.get("/uk/campaigns/old").status_code in (301, 404)
    assert client.get("/campaigns/never").status_code == 404
    assert client.get("/campaigns/newest").status_code == 200


def test_a_form_that_was_open_while_the_address_changed_is_not_lost(client: FlaskClient) -> None:
    campaign = make_campaign(slug="old")
    change(campaign, slug="new")
    answer = client.post("/campaigns/old/sign", data=SENT, headers=OURS, base_url=BASE_URL)
    assert (answer.status_code, answer.headers["Location"]) == (308, "/campaigns/new/sign")
    sent = client.post(answer.headers["Location"], data=SENT, headers=OURS, base_url=BASE_URL)
    assert sent.headers["Location"] == "/campaigns/new/check-your-inbox"
    assert db.session.scalars(select(Signature.email)).all() == ["ada@example.org"]


def test_a_campaign_that_goes_back_is_found_there(client: FlaskClient) -> None:
    campaign = make_campaign(slug="first")
    change(campaign, slug="second")
    change(campaign, slug="first")
    assert client.get("/campaigns/first").status_code == 200
    assert client.get("/campaigns/second").headers["Location"] == "/campaigns/first"


@pytest.fixture
def draft(app: Flask) -> Campaign:
    return make_campaign(
        state=CampaignState.DRAFT,
        published_at=None,
        slug="draft",
        title="Not for everybody yet",
        theme_colour="#8a1c1c",
    )


def link(settings: Settings, campaign: Campaign) -> str:
    found = reread(campaign)
    return "/preview/" + Tokens(settings.secret_key).make(Purpose.PREVIEW, found.id, found.preview_version)


def test_a_draft_is_seen_by_its_secret_link_only(client: FlaskClient, settings: Settings, draft: Campaign) -> None:
    assert client.get(link(settings, draft)).status_code == 404  # before anybody made one
    edition = reread(draft).edition
    with transaction() as session:
        open_preview(session, draft.id)
    page = client.get(link(settings, draft))
    assert (page.status_code, "Not for everybody yet" in page.text) == (200, True)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in page.headers
    assert '<meta name="robots" content="noindex">' in page.text
    assert "<fieldset disabled>" in page.text
    assert "#8a1c1c" in client.get(link(settings, draft) + "/theme.css").text
    assert reread(draft).edition == edition  # nobody who is writing is told that the words have changed
    assert client.get("/campaigns/draft").status_code == 404
    assert client.get("/campaigns/draft/theme.css").status_code == 404


def test_a_link_that_was_taken_back_leads_nowhere(client: FlaskClient, settings: Settings, draft: Campaign) -> None:
    with transaction() as session:
        open_preview(session, draft.id)
    given_out = link(settings, draft)
    with transaction() as session:
        close_preview(session, draft.id)
    assert client.get(given_out).status_code == 404
    with transaction() as session:
        open_preview(session, draft.id)
    assert client.get(given_out).status_code == 404
    assert client.get(given_out[:-1]).status_code == 404
    assert client.get(link(settings, draft)).status_code == 200


def test_a_link_to_what_is_published_leads_there(client: FlaskClient, settings: Settings) -> None:
    campaign = make_campaign(preview_open=True)
    answer = client.get(link(settings, campaign))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/campaigns/{campaign.slug}")


def test_own_colours_and_name(client: FlaskClient) -> None:
    plain = make_campaign()
    own = make_campaign(theme_name="Door Open", logo_text="DO", theme_colour="#8a1c1c", theme_accent="#ffd000")
    assert "theme.css" not in client.get(f"/campaigns/{plain.slug}").text
    page = client.get(f"/campaigns/{own.slug}/sign").text
    address = f"/campaigns/{own.slug}/theme.css?v={own.edition}"
    assert f'href="{address}"' in page
    assert "<b>DO</b>Door Open</a>" in page
    sheet = client.get(address)
    assert sheet.mimetype == "text/css"
    assert ":root{--act:#8a1c1c;--link:#8a1c1c;--lamp:#ffd000}" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]
    assert "max-age=10" in client.get(f"/campaigns/{own.slug}/theme.css").headers["Cache-Control"]


def agreed(client: FlaskClient, campaign: Campaign, number: int, **more: str) -> str:
    fields = SENT | {"email": f"a{number}@example.org"} | more
    answer = client.post(f"/campaigns/{campaign.slug}/sign", data=fields, headers=OURS, base_url=BASE_URL)
    assert answer.status_code == 303, answer.text
    version = select(Signature.consent_version).where(Signature.email == fields["email"])
    return str(db.session.scalar(version))


def test_a_yes_belongs_to_the_words_that_were_shown(client: FlaskClient) -> None:
    campaign = make_campaign(takes_donations=True)
    assert agreed(client, campaign, 1) == "2026-11"
    page = client.get(f"/campaigns/{campaign.slug}").text
    assert 'name="consent" type="hidden" value="2026-11"' in page
    change(campaign, consent_updates="Mail me at times.", privacy_text="We keep *little*.")
    page = client.get(f"/campaigns/{campaign.slug}").text
    assert "Mail me at times." in page
    assert "Email me news of this campaign" not in page
    assert 'name="consent" type="hidden" value="own-1"' in page
    assert agreed(client, campaign, 2, consent="own-1") == "own-1"
    assert agreed(client, campaign, 3) == "own-1"  # a script that names none means the present words
    assert agreed(client, campaign, 4, consent="2026-11") == "2026-11"  # a page that was open before
    bad = SENT | {"consent": "own-2"}
    refused = client.post(f"/campaigns/{campaign.slug}/sign", data=bad, headers=OURS, base_url=BASE_URL)
    assert (refused.status_code, 'value="own-1"' in refused.text) == (422, True)
    privacy = client.get(f"/campaigns/{campaign.slug}/privacy").text
    assert "We keep <em>little</em>." in privacy
    assert "Mail me at times." in privacy
    assert f'href="/campaigns/{campaign.slug}/privacy"' in page


def test_donors_agree_to_the_campaigns_words_as_well(client: FlaskClient) -> None:
    campaign = make_campaign(takes_donations=True)
    change(campaign, consent_updates="Mail me at times.")
    page = client.get(f"/campaigns/{campaign.slug}/donate").text
    assert "Mail me at times." in page
    assert 'name="consent" type="hidden" value="own-1"' in page
    fields = SENT | {"amount": "10", "consent": "own-1"}
    client.post(f"/campaigns/{campaign.slug}/donate", data=fields, headers=OURS, base_url=BASE_URL)
    assert db.session.scalars(select(Donation.consent_version)).all() == ["own-1"]
