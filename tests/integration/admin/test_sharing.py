"""The words with which people pass a campaign on, from the editor's page into the links."""

import re
from html import unescape
from urllib.parse import unquote_plus

from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, CampaignState
from campaign.core.database import db
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn

WORDS = {
    "whatsapp": "Підпишіть & share = 100%\nnow", "sms": "Sign?", "email_subject": "A petition", "email": "Dear friend,\nsign:",
    "copy": "Copied words",
}  # fmt: skip


def shared(browser: Browser, campaign: Campaign, page: str = "") -> dict[str, str]:
    """The addresses behind the buttons of a page, by their labels."""
    html = browser.get(f"/campaigns/{campaign.slug}{page}").text
    found = re.findall(r'<li><a class="btn[^"]*" href="([^"]*)" rel="noopener">([^<]*)</a>', html)
    return {label: unquote_plus(unescape(address)) for address, label in found}


def test_words_of_the_editors_stand_in_the_links_of_their_network(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(title="Open the door"), sign_in(Role.EDITOR)
    url, page = f"http://campaign.test/campaigns/{campaign.slug}", f"/admin/campaigns/{campaign.slug}/sharing"
    ours = "I have signed this petition: Open the door. Will you?"
    assert shared(browser, campaign)["WhatsApp"] == f"https://wa.me/?text={ours} {url}"
    assert browser.post(page, WORDS, token=browser.token(page)).status_code == 303
    for where in ("", "/signed"):
        links = shared(browser, campaign, where)
        assert links["WhatsApp"] == f"https://wa.me/?text=Підпишіть & share = 100%\nnow {url}"
        assert links["Text message"] == f"sms:?&body=Sign? {url}"
        assert links["Email"] == f"mailto:?subject=A petition&body=Dear friend,\nsign: {url}"
        assert links["Facebook"].endswith(f"?u={url}")
    assert f"Copied words {url}" in browser.get(f"/campaigns/{campaign.slug}/signed").text
    assert "Copied words" in browser.get(page).text
    assert "Copied words" not in browser.get(f"/campaigns/{make_campaign().slug}/signed").text
    assert browser.post(page, WORDS | {"sms": ""}, token=browser.token(page)).status_code == 303
    assert shared(browser, campaign)["Text message"] == f"sms:?&body={ours} {url}"
    db.session.rollback()
    trail = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sharing.edited")).all()
    assert [entry.details["ways"] for entry in trail] == [sorted(WORDS), ["sms"]]


def test_words_that_are_too_long_are_refused_and_kept_in_the_form(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    page = f"/admin/campaigns/{campaign.slug}/sharing"
    answer = browser.post(page, WORDS | {"sms": "x" * 301}, token=browser.token(page))
    assert (answer.status_code, "Shorten this to 300 characters." in answer.text) == (422, True)
    assert "Copied words" in answer.text
    assert "x" * 301 not in str(shared(browser, campaign))


def test_the_editors_page_makes_codes_with_a_source(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    page = f"/admin/campaigns/{campaign.slug}/sharing"
    assert f"/campaigns/{campaign.slug}/qr.svg?source=poster" in browser.get(f"{page}?source=poster").text
    wrong = browser.get(f"{page}?source=two words").text
    assert "without spaces" in wrong
    assert "qr.svg?source" not in wrong
    draft = make_campaign(state=CampaignState.DRAFT, published_at=None)
    assert "once the campaign is published" in browser.get(f"/admin/campaigns/{draft.slug}/sharing").text
