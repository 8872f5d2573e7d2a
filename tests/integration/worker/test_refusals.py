"""What a mail server refuses, whom that silences, what is no longer sent, and when the program gives up."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask_mail import Mail
from sqlalchemy import select, update

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail import delivery
from campaign.mail.models import MailKind, MailState, OutboxMessage, Suppression
from campaign.mail.outbox import enqueue, is_suppressed
from campaign.mail.transport import SmtpTransport
from campaign.petitions.models import Signature, SignatureState
from campaign.petitions.transitions import Move, move
from campaign.settings import Settings
from campaign.worker.mails import Postman
from tests.factories import make_campaign, make_signature, reread
from tests.smtp import Inbox, smtp_server

PENDING = SignatureState.PENDING


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def postman(app: Flask, settings: Settings, inbox: Inbox) -> Postman:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
    return Postman(settings, SmtpTransport(Mail(app)))


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


def queue(signature: Signature, kind: MailKind = MailKind.CONFIRM_SIGNATURE) -> None:
    with transaction() as session:
        enqueue(
            session, kind, object_id=signature.id, recipient_key=signature.email_key, language="en", now=clock.now()
        )


def row() -> OutboxMessage:
    db.session.rollback()
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()  # type: ignore[return-value]


def suppressed() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Suppression.recipient_key)))


def test_a_refused_recipient_is_silenced(postman: Postman, inbox: Inbox, campaign: Campaign) -> None:
    signature = make_signature(campaign, state=PENDING)
    inbox.answers[signature.email or ""] = ["550 no such user"]
    queue(signature)
    postman.deliver()
    assert row().state is MailState.FAILED
    assert suppressed() == [signature.email_key]
    assert is_suppressed(db.session(), signature.email_key)


def test_a_refused_text_silences_nobody(postman: Postman, inbox: Inbox, campaign: Campaign) -> None:
    signature = make_signature(campaign, state=PENDING)
    inbox.verdicts = ["554 looks like spam"]
    queue(signature)
    postman.deliver()
    assert (row().state, row().error) == (MailState.FAILED, "554 looks like spam")
    assert suppressed() == []
    queue(signature)
    postman.deliver()
    assert row().state is MailState.SENT
    assert len(inbox.to(signature.email or "")) == 1


def test_a_text_put_off_is_tried_again_and_silences_nobody(postman: Postman, inbox: Inbox, campaign: Campaign) -> None:
    inbox.verdicts = ["451 busy"]
    queue(make_signature(campaign, state=PENDING))
    postman.deliver()
    assert (row().state, row().error) == (MailState.QUEUED, "451 busy")
    assert suppressed() == []


@pytest.mark.parametrize("kind", [MailKind.CONFIRM_SIGNATURE, MailKind.ALREADY_SIGNED])
@pytest.mark.parametrize("before", [PENDING, SignatureState.HELD, SignatureState.CONFIRMED])
def test_a_withdrawn_signer_is_not_written_to(
    postman: Postman, inbox: Inbox, campaign: Campaign, kind: MailKind, before: SignatureState
) -> None:
    signature = make_signature(campaign, state=before)
    queue(signature, kind)
    with transaction() as session:  # after the mail was queued; the address is still there
        assert move(session, [signature.id], campaign_id=campaign.id, by=Move.WITHDRAW, now=clock.now())
    assert postman.deliver() == 1
    assert inbox.messages == []
    assert row().state is MailState.DROPPED


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (delivery.GIVE_UP_AFTER - timedelta(minutes=5), MailState.QUEUED),
        (delivery.GIVE_UP_AFTER + timedelta(minutes=5), MailState.FAILED),
    ],
)
def test_a_mail_is_tried_for_three_days(
    postman: Postman, inbox: Inbox, campaign: Campaign, age: timedelta, state: MailState
) -> None:
    assert timedelta(days=3) == delivery.GIVE_UP_AFTER
    signature = make_signature(campaign, state=PENDING)
    inbox.answers[signature.email or ""] = ["451 not now"]
    queue(signature)
    with transaction() as session:
        session.execute(update(OutboxMessage).values(created_at=clock.now() - age, attempts=100))
    postman.deliver()
    assert (row().state, row().error) == (state, "451 not now")
    if state is MailState.QUEUED:
        assert row().available_at <= clock.now() + delivery.LONGEST_PAUSE
    assert suppressed() == []
    assert reread(signature).state is PENDING
