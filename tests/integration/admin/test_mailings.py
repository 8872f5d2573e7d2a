"""What an editor does with a mailing: writes, looks, tries, plans, watches, pauses, cancels; and the list of supporters."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mail import Mail
from sqlalchemy import select, update

from campaign.audit.models import AuditEntry
from campaign.campaigns.corrections import withdraw
from campaign.campaigns.models import Campaign, UpdateState
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail.models import MailKind, OutboxMessage
from campaign.mail.transport import SmtpTransport
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.supporters.models import Donors, Mailing, MailingState, Subscription
from campaign.worker.mailings import work_on_mailings
from campaign.worker.mails import Postman
from tests.factories import make_campaign, make_signature
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.public.conftest import make_update
from tests.integration.supporters.conftest import address_of, make_supporter
from tests.smtp import Inbox, smtp_server

TEXT = {
    "subject-en": "The lorry <has> arrived",
    "body-en": "**All** of it.",
    "country": "",
    "source": "",
    "donors": "any",
}


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def postman(app: Flask, settings: Settings, inbox: Inbox) -> Postman:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
    return Postman(settings.model_copy(update={"mailings_per_minute": 100_000}), SmtpTransport(Mail(app)))


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


def send(browser: Browser, campaign: Campaign, path: str, **fields: Any) -> Any:
    answer = browser.post(f"/admin/campaigns/{campaign.slug}/{path}", fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def stored() -> Mailing:
    """The latest as it is now, to be kept while requests come and go."""
    db.session.rollback()
    mailing = db.session.scalars(select(Mailing).order_by(Mailing.id.desc())).first()
    if mailing:
        db.session.expunge(mailing)
    return mailing  # type: ignore[return-value]


def write(browser: Browser, campaign: Campaign, **more: Any) -> Mailing:
    assert send(browser, campaign, "mailings/new", **(TEXT | more)).status_code == 303
    return stored()


def act(browser: Browser, campaign: Campaign, mailing: Mailing, deed: str, **more: Any) -> Any:
    fields = {"action": deed, "was": str(mailing.edition)} | more
    return send(browser, campaign, f"mailings/{mailing.public_id}", **fields)


def page(browser: Browser, campaign: Campaign, mailing: Mailing, query: str = "") -> str:
    text = browser.get(f"/admin/campaigns/{campaign.slug}/mailings/{mailing.public_id}{query}").text
    db.session.rollback()
    return text


def actions(session_actions: str = "mailing.") -> list[str]:
    db.session.rollback()
    found = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
    return [action for action in found if action.startswith(session_actions)]


def send_all(postman: Postman) -> None:
    with transaction() as session:
        session.execute(update(Mailing).values(available_at=clock.now()))
    while work_on_mailings():
        pass
    while postman.deliver_bulk():
        pass


def test_an_editor_writes_looks_tries_and_sends(
    sign_in: SignIn,
    campaign: Campaign,
    postman: Postman,
    inbox: Inbox,
) -> None:
    reader, browser = make_supporter(campaign), sign_in(Role.EDITOR)
    mailing = write(browser, campaign)
    told = page(browser, campaign, mailing)
    assert "The lorry &lt;has&gt; arrived" in told
    assert "Send to 1 supporter" in told
    preview = browser.get(f"/admin/campaigns/{campaign.slug}/mailings/{mailing.public_id}/preview")
    assert "<strong>All</strong> of it." in preview.text
    assert "script" not in preview.headers["Content-Security-Policy"]
    assert act(browser, campaign, mailing, "test").status_code == 303
    assert postman.deliver() == 1
    (tried,) = inbox.messages
    assert (tried["To"], tried["Subject"]) == ("editor@lantern.example", "The lorry <has> arrived")
    assert tried["List-Unsubscribe"] is None
    assert act(browser, campaign, mailing, "schedule").status_code == 303
    send_all(postman)
    assert [message["To"] for message in inbox.messages[1:]] == [address_of(reader)]
    assert actions() == ["mailing.written", "mailing.tested", "mailing.schedule"]


def test_a_look_at_recipients_is_covered_and_recorded(sign_in: SignIn, campaign: Campaign) -> None:
    make_supporter(campaign, "grace@example.org")
    browser = sign_in(Role.EDITOR)
    mailing = write(browser, campaign)
    assert "example.org" not in page(browser, campaign, mailing)
    shown = page(browser, campaign, mailing, "?sample=1")
    assert "g•••••@example.org" in shown
    assert "grace" not in shown
    assert actions()[-1] == "mailing.audience_viewed"


def test_an_audience_is_stored_and_told(sign_in: SignIn, campaign: Campaign) -> None:
    make_supporter(campaign, "here@example.org")
    make_supporter(campaign, "there@example.org")
    make_signature(campaign, email="there@example.org", country="DE", source="front-page")
    browser = sign_in(Role.EDITOR)
    mailing = write(browser, campaign, country="DE", source="front-page", donors="not_yet")
    assert (mailing.country, mailing.source, mailing.donors) == ("DE", "front-page", Donors.NOT_YET)
    told = page(browser, campaign, mailing)
    assert "Germany" in told
    assert "Send to 1 supporter" in told


@pytest.mark.parametrize(
    "wrong",
    [{"subject-en": ""}, {"body-en": " "}, {"subject-en": "x" * 201}, {"country": "ZZ"}, {"donors": "all"}, {"source": "a b"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_stored(sign_in: SignIn, campaign: Campaign, wrong: dict[str, str]) -> None:
    answer = send(sign_in(Role.EDITOR), campaign, "mailings/new", **(TEXT | wrong))
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert stored() is None


def test_two_editors_do_not_overwrite_each_other(sign_in: SignIn, campaign: Campaign) -> None:
    browser = sign_in(Role.EDITOR)
    mailing = write(browser, campaign)
    path = f"mailings/{mailing.public_id}/edit"
    assert send(browser, campaign, path, **(TEXT | {"subject-en": "Mine", "was": "1"})).status_code == 303
    late = send(browser, campaign, path, **(TEXT | {"subject-en": "Theirs", "was": "1"}))
    assert late.status_code == 409
    assert "Mine" in late.text
    assert 'value="Theirs"' in late.text
    assert stored().texts[0].subject == "Mine"
    assert act(browser, campaign, mailing, "schedule").status_code == 409  # of the text that was shown, not of this
    assert stored().state is MailingState.DRAFT


def test_what_is_planned_is_no_longer_changed_until_it_is_a_draft_again(sign_in: SignIn, campaign: Campaign) -> None:
    browser = sign_in(Role.EDITOR)
    mailing = write(browser, campaign)
    later = (clock.now() + timedelta(days=1)).isoformat()
    assert act(browser, campaign, mailing, "schedule", send_at="2020-01-01T10:00").status_code == 422
    assert act(browser, campaign, mailing, "schedule", send_at=later).status_code == 303
    path = f"mailings/{mailing.public_id}/edit"
    assert send(browser, campaign, path, **(TEXT | {"was": "1"})).status_code == 409
    assert act(browser, campaign, mailing, "draft").status_code == 303
    assert send(browser, campaign, path, **(TEXT | {"was": "1"})).status_code == 303


def test_progress_is_told_and_a_mailing_is_paused_and_cancelled(
    sign_in: SignIn,
    client: FlaskClient,
    campaign: Campaign,
    postman: Postman,
    inbox: Inbox,
) -> None:
    for _ in range(3):
        make_supporter(campaign)
    browser = sign_in(Role.EDITOR)
    mailing = write(browser, campaign)
    act(browser, campaign, mailing, "schedule")
    send_all(postman)
    link = str(inbox.messages[0]["List-Unsubscribe"]).strip("<>").removeprefix("http://campaign.test")
    client.post(link)
    with transaction() as session:
        session.execute(update(Mailing).values(available_at=clock.now()))
    work_on_mailings()
    told = " ".join(re.sub("<[^>]+>", " ", page(browser, campaign, mailing)).split())
    for words in ("Queued 0", "Sent 3", "Refused 0", "Unsubscribed by its link 1"):
        assert words in told
    second = write(browser, campaign)
    act(browser, campaign, second, "schedule")
    assert act(browser, campaign, second, "pause").status_code == 303
    assert act(browser, campaign, second, "pause").status_code == 409
    assert act(browser, campaign, second, "cancel").status_code == 303
    send_all(postman)
    assert len(inbox.messages) == 3
    assert stored().state is MailingState.CANCELLED


def test_an_update_becomes_a_mailing_that_looks_like_it(
    sign_in: SignIn,
    campaign: Campaign,
    postman: Postman,
    inbox: Inbox,
) -> None:
    make_supporter(campaign)
    told, draft = make_update(campaign), make_update(campaign, state=UpdateState.DRAFT)
    browser = sign_in(Role.EDITOR)
    assert send(browser, campaign, f"updates/{draft.public_id}/mail").status_code == 409
    assert send(browser, campaign, f"updates/{told.public_id}/mail").status_code == 303
    mailing = stored()
    assert (mailing.texts[0].subject, mailing.texts[0].body) == (told.title, told.body)
    act(browser, campaign, mailing, "schedule")
    send_all(postman)
    (mail,) = inbox.messages
    assert mail["Subject"] == told.title
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"/updates/{told.public_id}" in text
    assert "/preferences/" in text


def test_an_update_that_was_withdrawn_is_mailed_to_nobody_any_more(
    sign_in: SignIn,
    campaign: Campaign,
    postman: Postman,
    inbox: Inbox,
) -> None:
    make_supporter(campaign)
    told, browser = make_update(campaign), sign_in(Role.EDITOR)
    send(browser, campaign, f"updates/{told.public_id}/mail")
    mailing = stored()
    act(browser, campaign, mailing, "schedule")
    with transaction() as session:
        withdraw(session, campaign.id, told.public_id, "It was wrong.", actor="ed", now=clock.now())
    send_all(postman)
    assert inbox.messages == []
    assert browser.get(f"/admin/campaigns/{campaign.slug}/mailings/{mailing.public_id}/preview").status_code == 409


def test_a_test_for_somebody_who_no_longer_works_here_is_not_sent(
    sign_in: SignIn,
    campaign: Campaign,
    postman: Postman,
    inbox: Inbox,
    settings: Settings,
) -> None:
    browser = sign_in(Role.EDITOR)
    act(browser, campaign, write(browser, campaign), "test")
    with transaction() as session:
        (row,) = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == MailKind.MAILING_TEST))
        row.recipient_key = "f" * 32
    assert postman.deliver() == 1
    assert inbox.messages == []


def test_the_list_leaves_with_a_reason_and_without_addresses_unless_asked(sign_in: SignIn, campaign: Campaign) -> None:
    make_supporter(campaign, "=cmd@example.org")
    gone = make_supporter(campaign)
    make_supporter(make_campaign())
    with transaction() as session:
        session.execute(update(Subscription).where(Subscription.id == gone.id).values(ended_at=clock.now()))
    browser = sign_in(Role.ADMIN)
    assert send(browser, campaign, "supporters/file").status_code == 422
    assert actions("supporters.") == []
    plain = send(browser, campaign, "supporters/file", reason="Hand-over")
    whole = send(browser, campaign, "supporters/file", reason="Hand-over", include_addresses="y")
    assert plain.mimetype == "text/csv"
    assert "example.org" not in plain.text
    head, row = csv.reader(io.StringIO(whole.get_data().decode("utf-8-sig")))
    assert head == ["email", "language", "subscribed_at", "consent_wording", "consent_channel", "consent_at"]
    assert row == ["'=cmd@example.org", "en", "2026-03-12T14:00:00Z", "1", "signature", "2026-03-12T14:00:00Z"]
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "supporters.exported")).all()
    assert [(entry.reason, entry.details) for entry in entries] == [
        ("Hand-over", {"include_addresses": False}), ("Hand-over", {"include_addresses": True}),
    ]  # fmt: skip


def test_numbers_of_supporters_name_nobody(sign_in: SignIn, campaign: Campaign) -> None:
    make_supporter(campaign, "grace@example.org")
    make_supporter(campaign, "mykola@example.org", language="uk")
    text = sign_in(Role.EDITOR).get(f"/admin/campaigns/{campaign.slug}/supporters").text
    assert "українська" in text
    assert "Confirming a signature" in text
    assert "example.org" not in text
