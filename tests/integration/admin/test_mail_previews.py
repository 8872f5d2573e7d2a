"""Every mail can be looked at in every language; discreet mails say outside nothing of what they are about."""

from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask_mail import Mail
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.links import links_for
from campaign.mail.models import NEVER_DISCREET, MailKind
from campaign.mail.outbox import enqueue
from campaign.mail.rendering import make_renderer
from campaign.mail.transport import SmtpTransport
from campaign.petitions.models import SignatureState
from campaign.reports.mail_samples import SAMPLES, sample_context
from campaign.settings import ROOT, Settings
from campaign.staff.models import Role
from campaign.worker.mails import Postman
from tests.factories import make_campaign, make_signature, reread
from tests.integration.admin.conftest import SignIn
from tests.smtp import smtp_server

LANGUAGES = ("en", "uk", "ar")
TITLE = "Open the door to those who fled"
SHOWN_IN_LISTS = 200


class _Words(HTMLParser):
    """The words of a mail in the order in which they are read."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self._skipped += tag in ("style", "head")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("style", "head")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.words += data.split()


def words(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    return " ".join(parser.words)


def test_every_kind_has_a_sample() -> None:
    folders = {path.parent.name for path in (ROOT / "templates" / "mail").glob("*/subject.txt")}
    assert folders == set(SAMPLES)
    assert set(MailKind) - {MailKind.MAILING_TEST} <= folders  # a test looks like what it tries


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_is_written_in_every_language_with_both_bodies(
    app: Flask, settings: Settings, language: str
) -> None:
    campaign = make_campaign(title=TITLE, short_name=TITLE)
    renderer, links = make_renderer(settings), links_for(settings.address, LANGUAGES, language)
    for kind in SAMPLES:
        context = sample_context(kind, campaign, links, now=clock.now())
        mail = renderer.render(kind, language, context)
        assert mail.subject
        assert f'lang="{language}"' in mail.html
        for url in (value for name, value in context.items() if name.endswith("_url") and name != "donate_url"):
            assert url in mail.text, kind
            assert url in mail.html, kind


def test_a_discreet_mail_says_outside_nothing_of_what_it_is_about(app: Flask, settings: Settings) -> None:
    campaign = make_campaign(title=TITLE, short_name="Welcome", discreet=True)
    renderer, links = make_renderer(settings), links_for(settings.address, ("en",), "en")
    for kind in set(SAMPLES) - set(NEVER_DISCREET):
        context = sample_context(kind, campaign, links, now=clock.now())
        mail = renderer.render(kind, "en", context, discreet=True)
        head = mail.html.partition("</head>")[0]
        outside = " ".join((mail.subject, head, mail.text[:SHOWN_IN_LISTS], words(mail.html)[:SHOWN_IN_LISTS]))
        for telling in (TITLE, "Welcome", "lorry", "sign", "donat", "petition", "campaign", settings.organisation_name):
            assert telling.casefold() not in outside.casefold(), (kind, telling)
        usual = renderer.render(kind, "en", context)
        assert (usual.subject, usual.text) != (mail.subject, mail.text)


def test_a_discreet_campaigns_mail_travels_with_a_neutral_sender(app: Flask, settings: Settings) -> None:
    quiet, loud = make_campaign(title=TITLE, discreet=True), make_campaign(title=TITLE)
    with smtp_server() as inbox:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
        for campaign in (quiet, loud):
            signature = make_signature(campaign, state=SignatureState.PENDING, email=f"a{campaign.id}@example.org")
            with transaction() as session:
                enqueue(
                    session, MailKind.CONFIRM_SIGNATURE, object_id=signature.id, recipient_key=signature.email_key,
                    language="en", now=clock.now(),
                )  # fmt: skip
        Postman(settings, SmtpTransport(Mail(app))).deliver()
        [discreet], [usual] = inbox.to(f"a{quiet.id}@example.org"), inbox.to(f"a{loud.id}@example.org")
    assert (discreet["From"], discreet["Subject"]) == ("campaign@lantern.example", "Please confirm your address")
    assert (usual["From"], usual["Subject"]) == (settings.sender, f"Confirm your signature: {TITLE}")
    assert TITLE in discreet.get_body(("plain",)).get_content()  # who opens it reads what it is about


def test_an_editor_makes_a_campaigns_mails_discreet(sign_in: SignIn) -> None:
    campaign = make_campaign(title=TITLE)
    browser, path = sign_in(Role.EDITOR), f"/admin/campaigns/{campaign.slug}/discreet"
    edition = campaign.edition
    page = browser.get(path).text
    assert f"Confirm your signature: {TITLE}" in page
    assert "Please confirm your address" in page
    for wanted, stored in (("on", True), ("on", True), ("off", False)):
        assert browser.post(path, {"discreet": wanted}, token=browser.token(path)).status_code == 303
        assert reread(campaign).discreet is stored
    assert reread(campaign).edition == edition  # who edits its texts meanwhile is not disturbed
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.discreet")).all()
    assert [entry.details for entry in entries] == [{"on": True}, {"on": False}]


def test_the_preview_page(sign_in: SignIn) -> None:
    campaign = make_campaign(title=TITLE, discreet=True)
    loud = make_campaign(title="Louder <b>words</b>")
    browser = sign_in(Role.ADMIN)
    for kind in SAMPLES:
        page = browser.get(f"/admin/mail/previews?kind={kind}&campaign={loud.slug}")
        assert page.status_code == 200, kind
        assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
        assert "Louder <b>words</b>" not in page.text
        frame = browser.get(f"/admin/mail/previews/html?kind={kind}&campaign={loud.slug}")
        assert "sandbox" in frame.headers["Content-Security-Policy"]
        assert "<b>words</b>" not in frame.text
    quiet = browser.get(f"/admin/mail/previews?kind=confirm_signature&campaign={campaign.slug}").text
    assert "Please confirm your address" in quiet
    assert "Confirm your signature" not in quiet.partition("<iframe")[0]
    for query in ("kind=nothing", "language=xx", "campaign=nowhere"):
        assert browser.get(f"/admin/mail/previews?{query}").status_code == 404
        assert browser.get(f"/admin/mail/previews/html?{query}").status_code == 404


def test_without_a_campaign_there_is_still_something_to_look_at(sign_in: SignIn) -> None:
    assert sign_in(Role.ADMIN).get("/admin/mail/previews").status_code == 200
