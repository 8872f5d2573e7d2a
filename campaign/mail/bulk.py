"""Mails to many: one row each, made once for each mailbox, taken at a rate that holds for all workers together.

They share the outbox with all other mail and have a queue of their own in it, so that none that a person waits for
stands behind them. What a mailing is, and whether it may go on, is known above.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.core.identifiers import new_public_id
from campaign.core.leases import anything_due, lease
from campaign.mail.delivery import BATCH, LEASE
from campaign.mail.models import BULK, MailKind, MailPace, MailState, OutboxMessage

# Time in which nothing went is not made up for by more than this: a server wants a rate, not bursts.
MADE_UP_FOR = timedelta(seconds=2)
_PACE = "bulk"


@dataclass(frozen=True)
class Recipient:
    """To whom one mail of many goes; `object_id` is what the outbox keeps of what it is about."""

    object_id: int
    recipient_key: str
    language: str


def add_mails(session: Session, mailing_id: int, recipients: Iterable[Recipient], *, now: datetime) -> int:
    """Queue one mail for each; who is on the list already is not put there again. Gives how many are new."""
    rows = [
        {
            "kind": MailKind.MAILING,
            "mailing_id": mailing_id,
            "object_id": one.object_id,
            "recipient_key": one.recipient_key,
            "language": one.language,
            "priority": BULK,
            "state": MailState.QUEUED,
            "message_id": new_public_id(),
            "created_at": now,
            "available_at": now,
            "attempts": 0,
            "error": "",
        }
        for one in recipients
    ]
    if not rows:
        return 0
    insert = insert_into(session, OutboxMessage).on_conflict_do_nothing(index_elements=["mailing_id", "recipient_key"])
    return len(session.execute(insert.returning(OutboxMessage.id), rows).all())


def is_anything_due(session: Session, mailing_ids: Sequence[int], *, now: datetime) -> bool:
    """True where one of these mailings has a mail to be sent; a plain read."""
    return any(anything_due(session, OutboxMessage, _waits(one), now=now) for one in mailing_ids)


def take(session: Session, mailing_ids: Sequence[int], *, per_minute: int, now: datetime) -> list[OutboxMessage]:
    """Lease the next mails of the first of these mailings that has any, as many as the rate lets go now."""
    pace = _lock_pace(session, now=now)
    apart = timedelta(minutes=1) / per_minute
    begins = max(pace.free_at, now - MADE_UP_FOR)
    most = min(BATCH, (now - begins) // apart + 1) if begins <= now else 0
    for mailing_id in mailing_ids if most else ():
        taken = lease(session, OutboxMessage, _waits(mailing_id), now=now, limit=most, length=LEASE)
        if taken:
            pace.free_at = begins + len(taken) * apart
            return taken
    return []


def drop_waiting(session: Session, mailing_id: int, *, limit: int) -> int:
    """Take some of the mailing's waiting mails out of the queue for good; gives how many."""
    ids = session.scalars(
        select(OutboxMessage.id).where(_waits(mailing_id)).limit(limit).with_for_update(skip_locked=True)
    ).all()
    if ids:
        session.execute(update(OutboxMessage).where(OutboxMessage.id.in_(ids)).values(state=MailState.DROPPED))
    return len(ids)


def count_mails(session: Session, mailing_id: int) -> dict[MailState, int]:
    """How many of the mailing's mails are in each state."""
    rows = session.execute(
        select(OutboxMessage.state, func.count())
        .where(OutboxMessage.mailing_id == mailing_id)
        .group_by(OutboxMessage.state)
    )
    return dict.fromkeys(MailState, 0) | dict(rows.all())


def _waits(mailing_id: int) -> ColumnElement[bool]:
    return (OutboxMessage.mailing_id == mailing_id) & (OutboxMessage.state == MailState.QUEUED)


def _lock_pace(session: Session, *, now: datetime) -> MailPace:
    first = insert_into(session, MailPace).values(name=_PACE, free_at=now).on_conflict_do_nothing()
    session.execute(first)
    return session.get_one(MailPace, _PACE, with_for_update=True)
