"""Putting mail into the outbox: a row in the transaction of what it is about, so both happen or neither."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
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
    """When the mailbox may be written to again, so that no day brings it more than `limit` mails: `now` or later.

    Mails that still wait count with the time they wait for.
    """
    latest = session.scalars(
        select(OutboxMessage.available_at)
        .where(
            OutboxMessage.recipient_key == recipient_key,
            OutboxMessage.available_at > now - DAY,
            OutboxMessage.kind.in_(kinds),
        )
        .order_by(OutboxMessage.available_at.desc())
        .limit(limit)
    ).all()
    return latest[-1] + DAY if len(latest) >= limit else now


def is_suppressed(session: Session, recipient_key: str) -> bool:
    """True for a mailbox that must not be written to."""
    return session.get(Suppression, recipient_key) is not None


def delete_unsent(session: Session, kinds: Sequence[MailKind], object_ids: Sequence[int]) -> None:
    """Delete mails that still wait, because the person they are about is being forgotten."""
    session.execute(
        delete(OutboxMessage).where(
            OutboxMessage.kind.in_(kinds),
            OutboxMessage.object_id.in_(object_ids),
            OutboxMessage.state == MailState.QUEUED,
        )
    )


def list_recent(session: Session, recipient_key: str, *, limit: int) -> Sequence[OutboxMessage]:
    """The mails to a mailbox, newest first."""
    query = select(OutboxMessage).where(OutboxMessage.recipient_key == recipient_key)
    return session.scalars(query.order_by(OutboxMessage.created_at.desc()).limit(limit)).all()
