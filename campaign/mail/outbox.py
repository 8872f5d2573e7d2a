"""Putting mail into the outbox: a row in the transaction of what it is about, so both happen or neither."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaign.core.identifiers import new_public_id
from campaign.mail.models import PRIORITY, MailKind, MailState, OutboxMessage, Suppression

DAY = timedelta(days=1)


def enqueue(
    session: Session,
    kind: MailKind,
    *,
    object_id: int,
    recipient_key: str,
    language: str,
    now: datetime,
    available_at: datetime | None = None,
) -> None:
    """Queue a mail, to be sent from `available_at` on (default: at once)."""
    session.add(
        OutboxMessage(
            kind=kind,
            object_id=object_id,
            recipient_key=recipient_key,
            language=language,
            priority=PRIORITY[kind],
            message_id=new_public_id(),
            created_at=now,
            available_at=available_at or now,
        )
    )


def is_waiting(session: Session, kind: MailKind, object_id: int) -> bool:
    """True while a mail of this kind about this object is still to be sent."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    OutboxMessage.kind == kind,
                    OutboxMessage.object_id == object_id,
                    OutboxMessage.state == MailState.QUEUED,
                )
            )
        )
    )


def free_at(
    session: Session, recipient_key: str, *, kinds: tuple[MailKind, ...], limit: int, now: datetime
) -> datetime:
    """When the mailbox may be written to again: `now`, or a day after the oldest of its last `limit` mails."""
    recent = session.scalars(
        select(OutboxMessage.created_at)
        .where(
            OutboxMessage.recipient_key == recipient_key,
            OutboxMessage.created_at > now - DAY,
            OutboxMessage.kind.in_(kinds),
        )
        .order_by(OutboxMessage.created_at.desc())
        .limit(limit)
    ).all()
    return recent[-1] + DAY if len(recent) >= limit else now


def is_suppressed(session: Session, recipient_key: str) -> bool:
    """True for a mailbox that must not be written to."""
    return session.get(Suppression, recipient_key) is not None
