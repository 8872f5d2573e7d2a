"""A second language below its prefix: pages, links, forms and mails stay in it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mail import Mail
from sqlalchemy import select, update

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail.models import OutboxMessage
from campaign.mail.transport import SmtpTransport
from campaign.petitions.models import Signature, SignatureState
from campaign.settings import Settings
from campaign.worker.mails import Postman
from tests.factories import make_campaign
from tests.integration.public.conftest import Build, Pages
from tests.smtp import smtp_server

FORM = {"name": "Олена Коваленко", "email": "olena@example.org", "country": "UA"}


@pytest.fixture
def site(build: Build) -> Flask:
    return build(languages=("en", "uk"))


@pytest.fixture
def reader(site: Flask) -> FlaskClient:
    return site.test_client()


def test_the_same_pages_stand_below_the_prefix_in_their_language(reader: FlaskClient, pages: Pages) -> None:
    html = [path for path in (*pages.shared, pages.donate, pages.confirm) if reader.get(path).mimetype == "text/html"]
    assert len(html) > 12
    for path in html:
        default, other = reader.get(path), reader.get(f"/uk{path}")
        assert (default.status_code, other.status_code) == (200, 200), path
        assert '<html lang="en" dir="ltr">' in default.text, path
        assert '<html lang="uk" dir="ltr">' in other.text, path
    assert 'xml:lang="uk"' in reader.get(f"/uk/campaigns/{pages.campaign.slug}/updates.atom").text


def test_links_and_forms_keep_the_prefix(reader: FlaskClient, pages: Pages) -> None:
    for path in (*pages.shared, pages.donate, pages.confirm, pages.status):
        page = reader.get(f"/uk{path}")
        if page.mimetype != "text/html":
            continue
        local = re.findall(r'(?:href|action)="(/[^"]*)"', page.text)
        pointing = [link for link in local if not link.startswith("/static/")]
        assert pointing, path
        assert [link for link in pointing if not re.match(r"/uk(/|$)", link)] == [], path
        assert not re.search(r'"(?:/uk){2}', page.text), path
    plain = reader.get(pages.shared[1]).text
    assert "/uk/" not in plain


def test_absolute_links_name_the_language_too(reader: FlaskClient, pages: Pages) -> None:
    slug = pages.campaign.slug
    page = reader.get(f"/uk/campaigns/{slug}").text
    assert f'<link rel="canonical" href="http://campaign.test/uk/campaigns/{slug}">' in page
    assert (
        f'<link rel="canonical" href="http://campaign.test/campaigns/{slug}">' in reader.get(f"/campaigns/{slug}").text
    )


def test_a_signature_given_there_has_that_language_and_so_has_its_mail(
    site: Flask, reader: FlaskClient, settings: Settings
) -> None:
    campaign = make_campaign()
    base = f"/uk/campaigns/{campaign.slug}"
    answer = reader.post(f"{base}/sign", data=FORM)
    assert (answer.status_code, answer.location) == (303, f"{base}/check-your-inbox")
    row = db.session.scalars(select(Signature)).one()
    assert row.language == "uk"
    assert db.session.scalars(select(OutboxMessage.language)).all() == ["uk"]
    with transaction() as session:
        session.execute(update(OutboxMessage).values(available_at=clock.now()))
    with smtp_server() as inbox, site.app_context():
        site.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
        assert Postman(site.extensions["settings"], SmtpTransport(Mail(site))).deliver() == 1
        text = inbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [link] = re.findall(r"http://campaign\.test(/\S*/confirm/\S+)", text)
    assert link.startswith("/uk/confirm/")
    answer = reader.post(link, data={"confirm": "yes"})
    assert (answer.status_code, answer.location) == (303, f"{base}/signed")
    db.session.rollback()
    assert db.session.scalars(select(Signature.state)).all() == [SignatureState.CONFIRMED]


def test_a_signature_given_without_prefix_has_the_first_language(reader: FlaskClient) -> None:
    reader.post(f"/campaigns/{make_campaign().slug}/sign", data=FORM)
    assert db.session.scalars(select(Signature.language)).all() == ["en"]


@pytest.mark.parametrize("prefix", ["/xx", "/en", "/UK", "/uk/uk", "/ukr"])
def test_other_prefixes_are_no_pages(reader: FlaskClient, pages: Pages, prefix: str) -> None:
    assert reader.get(f"{prefix}/").status_code == 404
    assert reader.get(f"{prefix}{pages.shared[1]}").status_code == 404


def test_a_site_of_one_language_has_no_prefix(client: FlaskClient, pages: Pages) -> None:
    assert client.get("/uk/").status_code == 404
    assert client.get("/en/").status_code == 404
