"""Delivery: which mails are due, and what becomes of one after an attempt. The worker's door commits and sends."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.core.leases import anything_due, lease
from campaign.mail.models import BULK, MailState, OutboxMessage, Suppression
from campaign.mail.transport import COMMAND_TIMEOUT, TEXT_TIMEOUT

BATCH = 25
# A batch starts no new mail after BATCH_TIME. One attempt waits three commands and one text at worst: together less
# than the lease, so that no second worker sends the same mail meanwhile.
BATCH_TIME = timedelta(seconds=10)
LEASE = BATCH_TIME + 3 * COMMAND_TIMEOUT + TEXT_TIMEOUT + timedelta(seconds=10)

SERVER_AWAY_PAUSE = timedelta(seconds=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(days=3)
LEAST_ATTEMPTS = 5  # one of many may have waited for days before it was first tried

# Mails to many have a queue of their own, see `bulk.py`.
_DUE = (OutboxMessage.state == MailState.QUEUED) & (OutboxMessage.priority < BULK)


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where a mail waits to be sent; a plain read, so that an idle worker takes no write lock."""
    return anything_due(session, OutboxMessage, _DUE, now=now)


def take(session: Session, *, now: datetime) -> list[OutboxMessage]:
    """Lease the next mails, the urgent kinds first."""
    return lease(
        session, OutboxMessage, _DUE, now=now, limit=BATCH, length=LEASE, order=(OutboxMessage.priority.asc(),)
    )


def note_sent(session: Session, leased: OutboxMessage, *, now: datetime) -> None:
    """The server said yes, which stays true whoever holds the lease by now.

    Nothing is noted of a mail that was deleted meanwhile, because the person it was about is forgotten.
    """
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == leased.id)
        .values(state=MailState.SENT, sent_at=now, error="")
        .execution_options(synchronize_session=False)
    )


def note_dropped(session: Session, leased: OutboxMessage) -> None:
    """The mail has no reason to go any more."""
    if message := _still_ours(session, leased):
        message.state = MailState.DROPPED


def note_failed(session: Session, leased: OutboxMessage, error: str) -> None:
    """The mail will not be tried again: it cannot be built, or the server refused it for good."""
    if message := _still_ours(session, leased):
        message.state, message.error = MailState.FAILED, error


def release(session: Session, leased: Sequence[OutboxMessage], *, now: datetime) -> None:
    """Give back mails that were leased and not tried: due again at once, their attempts as they were."""
    for one in leased:
        if message := _still_ours(session, one):
            message.available_at, message.attempts = now, message.attempts - 1


def note_postponed(session: Session, leased: OutboxMessage, error: str, *, now: datetime) -> None:
    """Try again after a pause that grows with the attempts; give up when the mail is days old."""
    message = _still_ours(session, leased)
    if message is None:
        return
    message.error = error
    if now - message.created_at > GIVE_UP_AFTER and message.attempts >= LEAST_ATTEMPTS:
        message.state = MailState.FAILED
        return
    message.available_at = now + min(FIRST_PAUSE * 2 ** min(message.attempts - 1, 10), LONGEST_PAUSE)


def _still_ours(session: Session, leased: OutboxMessage) -> OutboxMessage | None:
    """The mail, unless another worker took it because we slept past the end of our lease (each take counts)."""
    return session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.id == leased.id,
            OutboxMessage.state == MailState.QUEUED,
            OutboxMessage.attempts == leased.attempts,
        )
        .with_for_update()
    )


def suppress(session: Session, recipient_key: str, reason: str, *, now: datetime) -> None:
    """Stop writing to this mailbox."""
    row = insert_into(session, Suppression).values(recipient_key=recipient_key, reason=reason, created_at=now)
    session.execute(row.on_conflict_do_nothing())
