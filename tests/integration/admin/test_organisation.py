"""The organisation's page: what admins set there is what pages, mails and documents say from then on."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Organisation
from campaign.core.database import db
from campaign.reports.organisation import organisation_facts
from campaign.settings import current_settings
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn

FIELDS = {
    "name": "The Lamp <b>&",
    "legal_name": "Lamp Trust",
    "legal_form": "Registered charity in England",
    "charity_number": "1234567",
    "address": "2 Side Street\nLeeds",
    "contact_email": "hello@lamp.example",
    "phone": "+44 113 496 0000",
    "contact_note": "We answer **on weekdays**.",
    "footer_links": "Our paper | https://lamp.example/?a=1&b=2\n\n Jobs|https://lamp.example/jobs",
    "privacy_email": "data@lamp.example",
    "authority": "Information Commissioner",
    "authority_url": "https://ico.example",
    "payment_years": "7",
    "money_note": "Our board decides *every month*.",
    "accessibility_checked_on": "2026-03-12",
    "accessibility_note": "The map has no text alternative.",
}


def save(browser: Browser, **more: str) -> Any:
    answer = browser.post("/admin/settings", FIELDS | more, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def test_what_is_set_stands_on_every_page_that_says_it(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    assert "The Daily Lantern" in client.get("/about").text
    assert 'value="The Daily Lantern"' in browser.get("/admin/settings").text
    answer = save(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/settings")
    says = {
        "/": ("The Lamp &lt;b&gt;&amp;", '<a href="https://lamp.example/?a=1&amp;b=2" rel="noopener">Our paper</a>'),
        "/about": ("Lamp Trust, Registered charity in England, registered charity 1234567", "2 Side Street, Leeds"),
        "/contact": ("hello@lamp.example", "+44 113 496 0000", "<strong>on weekdays</strong>", "data@lamp.example"),
        "/privacy": ("for 7 years", "data@lamp.example", '<a href="https://ico.example">Information Commissioner</a>'),
        "/accessibility": ("last checked on 12 March 2026", "The map has no text alternative."),
        f"/campaigns/{campaign.slug}/money": ("<em>every month</em>", "Lamp Trust"),
        "/.well-known/security.txt": ("mailto:hello@lamp.example",),
        f"/campaigns/{campaign.slug}/updates.atom": ("<name>The Lamp &lt;b&gt;&amp;</name>",),
        "/no/such/page": ("The Lamp &lt;b&gt;&amp;",),
    }
    for path, words in says.items():
        page = client.get(path).text
        for each in words:
            assert each in page, (path, each)
        assert "Daily Lantern" not in page, path
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "organisation.changed")).one()
    assert set(entry.details["fields"]) >= {"name", "footer_links"}
    assert "Lamp" not in str(entry.details)


def test_a_field_that_is_wrong_is_named_and_nothing_is_stored(sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMIN)
    for field, value, says in [
        ("name", "", "the name that readers know"),
        ("legal_name", " ", "by law"),
        ("contact_email", "", "with an @"),
        ("contact_email", "nobody", "with an @"),
        ("privacy_email", "nobody", "with an @"),
        ("footer_links", "Our paper https://lamp.example", "a bar and an address"),
        ("footer_links", "Our paper | javascript:alert(1)", "a bar and an address"),
        ("footer_links", "A | https://a.example\n" * 7, "at most 6 lines"),
        ("authority_url", "ico.example", "whole address"),
        ("payment_years", "many", "from 1 to 30"),
        ("payment_years", "0", "from 1 to 30"),
        ("payment_years", "²", "from 1 to 30"),
        ("accessibility_checked_on", "2199-01-01", "a day that has been"),
    ]:
        answer = save(browser, **{field: value})
        assert answer.status_code == 422, (field, value)
        assert says in answer.text, (field, value)
        assert "2 Side Street" in answer.text
    assert db.session.scalar(select(Organisation)) is None


def test_the_second_of_two_admins_sees_what_the_first_stored(sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMIN)
    for edition in ("0", "1"):
        assert save(browser, edition=edition, phone=f"first {edition}").status_code == 303
        refused = save(browser, edition=edition, phone="second", name="Another name")
        assert refused.status_code == 409
        for shown in (f"<dd>first {edition}</dd>", "<dd>The Lamp &lt;b&gt;&amp;</dd>", 'value="Another name"'):
            assert shown in refused.text, shown
    stored = db.session.scalars(select(Organisation)).one()
    assert (stored.phone, stored.edition) == ("first 1", 2)
    assert save(browser, edition="2", phone="second").status_code == 303


def test_gift_aid_is_asked_for_where_the_organisation_can_claim_it(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(takes_donations=True, currency="GBP"), sign_in(Role.ADMIN)
    donate = f"/campaigns/{campaign.slug}/donate"
    assert 'name="gift_aid"' not in client.get(donate).text
    save(browser, gift_aid="y")
    assert 'name="gift_aid"' in client.get(donate).text
    save(browser, edition="1")
    assert 'name="gift_aid"' not in client.get(donate).text


@pytest.mark.usefixtures("app")
def test_before_anything_is_set_the_settings_hold(app: Flask) -> None:
    facts = organisation_facts(db.session(), current_settings())
    assert (facts["name"], facts["contact_email"]) == ("The Daily Lantern", "campaign@lantern.example")
    assert facts["footer_links"] == []
