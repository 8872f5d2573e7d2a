"""`/admin/mail`: what the figures count, a dead mail looked at, and one sent again."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_mail import Mail
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail import delivery, health
from campaign.mail.models import PRIORITY, MailKind, MailNotice, MailState, NoticeKind, OutboxMessage, Suppression
from campaign.mail.transport import SmtpTransport
from campaign.petitions.mail_domains import confirm_rates
from campaign.petitions.models import SignatureState
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.worker.mails import Postman
from tests.factories import make_campaign, make_import, make_signature, reread
from tests.integration.admin.conftest import Browser, SignIn
from tests.smtp import Inbox, smtp_server

KIND = MailKind.CONFIRM_SIGNATURE


def make_mail(key: str = "someone", **more: Any) -> OutboxMessage:
    now = clock.now()
    values: dict[str, Any] = {
        "kind": KIND, "object_id": 1, "recipient_key": key, "language": "en", "priority": PRIORITY[KIND],
        "message_id": "m", "created_at": now, "available_at": now,
    }  # fmt: skip
    with transaction() as session:
        row = OutboxMessage(**(values | more))
        session.add(row)
    return row


def tell(kind: NoticeKind, mail: OutboxMessage, number: int) -> None:
    with transaction() as session:
        session.add(
            MailNotice(
                provider="ses", notice_key=str(number), kind=kind, recipient_key=mail.recipient_key, outbox_id=mail.id,
                reason="5.1.1 unknown", happened_at=clock.now(), received_at=clock.now(),
            )
        )  # fmt: skip


def silence(key: str, reason: str) -> None:
    with transaction() as session:
        delivery.suppress(session, key, reason, now=clock.now())


@pytest.fixture
def browser(sign_in: SignIn) -> Browser:
    return sign_in(Role.ADMIN)


def said(browser: Browser, path: str = "/admin/mail") -> str:
    """The page's words on one line."""
    page = browser.get(path)
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2]).split())


def test_the_figures_count_what_they_say(app: Flask) -> None:
    now = clock.now()
    early = make_mail(created_at=now - timedelta(minutes=7), available_at=now)
    make_mail(available_at=now + timedelta(days=1))
    for minutes in (1, 9, 11, 60):
        sent = make_mail(state=MailState.SENT, sent_at=now - timedelta(minutes=minutes))
    make_mail(state=MailState.SENT, sent_at=now - timedelta(days=8))
    make_mail(state=MailState.FAILED, error="550 no")
    make_mail(state=MailState.FAILED, error="550 no", created_at=now - timedelta(days=8))
    tell(NoticeKind.COMPLAINT, sent, 1)
    tell(NoticeKind.HARD_BOUNCE, sent, 2)
    tell(NoticeKind.SOFT_BOUNCE, sent, 3)
    found = health.mail_figures(db.session(), now=now)
    assert (found.waiting, found.planned, found.oldest_at) == (1, 1, early.created_at)
    assert (found.lately, found.per_minute, found.sent, found.failed) == (2, 0.2, 4, 1)
    assert (found.hard_bounces, found.soft_bounces, found.complaints, found.complaint_rate) == (1, 1, 1, 0.25)
    assert [(one.provider, one.notices) for one in health.list_tellers(db.session(), now=now)] == [("ses", 3)]


def test_refusals_that_differ_in_a_number_only_are_one_reason(app: Flask) -> None:
    for number in range(3):
        make_mail(state=MailState.FAILED, error=f"550 5.1.1 No such user 4f{number}a-queue.{number}b7 - gsmtp")
    make_mail(state=MailState.FAILED, error="554 5.7.1 looks like spam")
    assert health.list_refusals(db.session(), now=clock.now()) == [
        ("550 5.1.1 No such user … - gsmtp", 3), ("554 5.7.1 looks like spam", 1),
    ]  # fmt: skip


def test_the_rate_of_a_mail_domain_leaves_out_the_young_the_imported_and_the_few(app: Flask) -> None:
    campaign, now = make_campaign(), clock.now()
    at = now - timedelta(hours=2)
    for number in range(12):
        pressed = at + timedelta(minutes=number) if number < 9 else None
        state = SignatureState.CONFIRMED if pressed else SignatureState.PENDING
        email = f"p{number}@many.example"
        make_signature(campaign, email=email, created_at=at, confirmed_at=pressed, state=state)
    for number in range(3):
        make_signature(
            campaign,
            email=f"p{number}@few{number}.example",
            created_at=at,
            confirmed_at=None,
            state=SignatureState.PENDING,
        )
    make_signature(
        campaign, email="young@many.example", created_at=now, confirmed_at=None, state=SignatureState.PENDING
    )
    make_signature(campaign, email="list@many.example", created_at=at, import_id=make_import(campaign).id)
    many, small = confirm_rates(db.session(), now=now)
    assert (many.domain, many.sent, many.pressed, many.rate, many.seconds) == ("many.example", 12, 9, 0.75, 240)
    assert (small.domain, small.sent, small.pressed, small.seconds) == ("", 3, 0, None)


def test_the_page_says_it_all_and_names_nobody(browser: Browser) -> None:
    assert "No mail was given up." in said(browser)
    signature = make_signature(make_campaign(), state=SignatureState.PENDING, email="olena.k@example.org")
    mail = make_mail(signature.email_key, object_id=signature.id, state=MailState.FAILED, error="550 no such user")
    silence(signature.email_key, "complaint")
    tell(NoticeKind.COMPLAINT, mail, 1)
    page = said(browser)
    for words in (
        "550 no such user",
        "Its owner called our mail unwanted 1",
        "Amazon SES: 1 notice",
        "Confirm a signature",
    ):
        assert words in page
    one = said(browser, f"/admin/mail/{mail.id}")
    assert "5.1.1 unknown" in one
    assert "about this mail" in one
    for text in (browser.get("/admin/mail").text, browser.get(f"/admin/mail/{mail.id}").text):
        assert "olena" not in text
        assert signature.email_key not in text
    assert f"/signatures/{signature.id}" in browser.get(f"/admin/mail/{mail.id}").text
    assert browser.get("/admin/mail/999").status_code == 404


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


def test_a_dead_mail_is_sent_again_and_reaches_its_mailbox(
    app: Flask, settings: Settings, browser: Browser, inbox: Inbox
) -> None:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
    postman = Postman(settings, SmtpTransport(Mail(app)))
    signature = make_signature(make_campaign(), state=SignatureState.PENDING)
    inbox.answers[signature.email or ""] = ["550 no such user"]
    mail = make_mail(signature.email_key, object_id=signature.id, created_at=clock.now() - timedelta(days=5))
    postman.deliver()
    assert reread(mail).state is MailState.FAILED
    assert db.session.scalars(select(Suppression.reason)).all() == ["refused by its server"]
    assert "written to again" in said(browser, f"/admin/mail/{mail.id}")
    page = browser.post(f"/admin/mail/{mail.id}/again", token=browser.token("/admin/mail"))
    assert (page.status_code, page.headers["Location"]) == (303, f"/admin/mail/{mail.id}")
    db.session.rollback()
    postman.deliver()
    assert [message["To"] for message in inbox.messages] == [signature.email]
    assert reread(mail).state is MailState.SENT
    assert db.session.scalars(select(Suppression)).all() == []
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "mail.sent_again")).all()
    assert [(entry.object_id, entry.details["lifted"]) for entry in entries] == [
        (str(mail.id), "refused by its server")
    ]
    # Pressed once more from an old page: what was sent stays sent.
    browser.post(f"/admin/mail/{mail.id}/again", token=browser.token("/admin/mail"))
    assert reread(mail).state is MailState.SENT


def test_who_does_not_want_our_mail_gets_none_whoever_presses(browser: Browser) -> None:
    mail = make_mail("key", state=MailState.FAILED, error="550")
    silence("key", "complaint")
    assert "Send again" not in said(browser, f"/admin/mail/{mail.id}")
    page = browser.post(f"/admin/mail/{mail.id}/again", token=browser.token("/admin/mail"), follow_redirects=True)
    assert "does not want our mail" in page.text
    assert reread(mail).state is MailState.FAILED
    assert browser.post("/admin/mail/999/again", token=browser.token("/admin/mail")).status_code == 404


def test_what_could_not_be_built_goes_again_all_at_once(browser: Browser) -> None:
    broken = [make_mail(state=MailState.FAILED, error="cannot be built: UndefinedError") for _ in range(2)]
    refused = make_mail(state=MailState.FAILED, error="550 no")
    assert "Send all again that could not be built" in said(browser)
    page = browser.post("/admin/mail/unbuilt/again", token=browser.token("/admin/mail"), follow_redirects=True)
    assert "2 mails are queued again." in page.text
    assert [reread(mail).state for mail in (*broken, refused)] == [MailState.QUEUED, MailState.QUEUED, MailState.FAILED]


def test_a_mailing_is_nobodys_twice(browser: Browser) -> None:
    mail = make_mail(
        kind=MailKind.MAILING, priority=PRIORITY[MailKind.MAILING], state=MailState.FAILED, error="cannot be built: X"
    )
    assert "Send again" not in said(browser, f"/admin/mail/{mail.id}")
    browser.post(f"/admin/mail/{mail.id}/again", token=browser.token("/admin/mail"))
    browser.post("/admin/mail/unbuilt/again", token=browser.token("/admin/mail"))
    assert reread(mail).state is MailState.FAILED
