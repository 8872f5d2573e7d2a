"""Delivery: which mails are due, and what becomes of one after an attempt. The worker's door commits and sends."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.core.leases import anything_due, lease
from campaign.mail.models import MailState, OutboxMessage, Suppression

BATCH = 25
# A batch starts no new mail after BATCH_TIME; one attempt waits five times SMTP_TIMEOUT at worst (connect, greeting,
# sender, recipient, data): together less than the lease, so that no second worker sends the same mail meanwhile.
BATCH_TIME = timedelta(seconds=10)
SMTP_TIMEOUT = timedelta(seconds=10)
LEASE = timedelta(seconds=60)

SERVER_AWAY_PAUSE = timedelta(seconds=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(days=3)

_DUE = OutboxMessage.state == MailState.QUEUED


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where a mail waits to be sent; a plain read, so that an idle worker takes no write lock."""
    return anything_due(session, OutboxMessage, _DUE, now=now)


def take(session: Session, *, now: datetime) -> list[OutboxMessage]:
    """Lease the next mails, the urgent kinds first."""
    return lease(
        session, OutboxMessage, _DUE, now=now, limit=BATCH, length=LEASE, order=(OutboxMessage.priority.asc(),)
    )


def note_sent(session: Session, message_id: int, *, now: datetime) -> None:
    """The server said yes."""
    message = session.get_one(OutboxMessage, message_id)
    message.state, message.sent_at, message.error = MailState.SENT, now, ""


def note_dropped(session: Session, message_id: int) -> None:
    """The mail has no reason to go any more."""
    session.get_one(OutboxMessage, message_id).state = MailState.DROPPED


def note_failed(session: Session, message_id: int, error: str) -> None:
    """The mail will not be tried again: it cannot be built, or the server refused it for good."""
    message = session.get_one(OutboxMessage, message_id)
    message.state, message.error = MailState.FAILED, error


def release(session: Session, message_ids: Sequence[int], *, now: datetime) -> None:
    """Give back mails that were leased and not tried: due again at once, their attempts as they were."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(message_ids), OutboxMessage.state == MailState.QUEUED)
        .values(available_at=now, attempts=OutboxMessage.attempts - 1)
        .execution_options(synchronize_session=False)
    )


def note_postponed(session: Session, message_id: int, error: str, *, now: datetime) -> None:
    """Try again after a pause that grows with the attempts; give up when the mail is days old."""
    message = session.get_one(OutboxMessage, message_id)
    message.error = error
    if now - message.created_at > GIVE_UP_AFTER:
        message.state = MailState.FAILED
        return
    message.available_at = now + min(FIRST_PAUSE * 2 ** min(message.attempts - 1, 10), LONGEST_PAUSE)


def suppress(session: Session, recipient_key: str, reason: str, *, now: datetime) -> None:
    """Stop writing to this mailbox."""
    row = insert_into(session, Suppression).values(recipient_key=recipient_key, reason=reason, created_at=now)
    session.execute(row.on_conflict_do_nothing())
