"""How delivery is doing: what a person should look at. Every count stops at MOST_COUNTED, however much was sent."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from campaign.core.errors import NotFound
from campaign.core.paging import Page, page_of
from campaign.mail.models import BULK, MailNotice, MailState, NoticeKind, OutboxMessage, Suppression

LATE_AFTER = timedelta(minutes=5)
RECENT = timedelta(days=7)
LATELY = timedelta(minutes=10)
MOST_COUNTED = 200_000
MOST_READ, MOST_REASONS = 1_000, 12
# Of what a server says, what is of this one mail: queue numbers, ids, addresses of machines.
_OWN_WORDS = re.compile(r"(?<![\w.])(?=\S*\d)(?![245]\d\d\b|[245]\.\d{1,3}\.\d{1,3}\b)\S{4,}")

_QUEUED = OutboxMessage.state == MailState.QUEUED
_FAILED = OutboxMessage.state == MailState.FAILED


@dataclass(frozen=True)
class MailTrouble:
    """Mails that should have gone at least five minutes ago, and those of the last week that were refused for good.

    Mails to many wait for their rate, so they are never late.
    """

    late: int
    failed: int


@dataclass(frozen=True)
class MailFigures:
    """The outbox as it stands. `oldest_at` is of those that are due; `planned` wait for a later time, and those
    `in_mailings` for their rate.

    `lately` went in the last ten minutes, `sent` in the last week, as the numbers of notices.
    """

    waiting: int
    planned: int
    in_mailings: int
    oldest_at: datetime | None
    lately: int
    sent: int
    failed: int
    hard_bounces: int
    soft_bounces: int
    complaints: int

    @property
    def per_minute(self) -> float:
        return self.lately / (LATELY / timedelta(minutes=1))

    @property
    def complaint_rate(self) -> float:
        """Of the mails of the week; large providers want it under 0.1 %, and refuse at 0.3 %."""
        return self.complaints / self.sent if self.sent else 0.0


@dataclass(frozen=True)
class Teller:
    """What one provider told in the last week, and when it was last heard of."""

    provider: str
    notices: int
    last_at: datetime


def mail_trouble(session: Session, *, now: datetime) -> MailTrouble:
    """The two numbers as they are now; both zero while all is well."""
    late = select(func.count()).where(
        _QUEUED,
        OutboxMessage.priority < BULK,
        OutboxMessage.created_at < now - LATE_AFTER,
        # Not those that are meant for later; one tried in vain has been put off, so it counts by its attempts.
        (OutboxMessage.available_at < now - LATE_AFTER) | (OutboxMessage.attempts > 0),
    )
    failed = select(func.count()).where(_FAILED, OutboxMessage.created_at > now - RECENT)
    return MailTrouble(late=session.scalar(late) or 0, failed=session.scalar(failed) or 0)


def mail_figures(session: Session, *, now: datetime) -> MailFigures:
    """The figures as they are now."""
    single = _QUEUED & (OutboxMessage.priority < BULK)
    due = single & ((OutboxMessage.available_at <= now) | (OutboxMessage.attempts > 0))
    kinds = session.execute(
        select(MailNotice.kind, func.count()).where(MailNotice.received_at > now - RECENT).group_by(MailNotice.kind)
    )
    notices = dict(kinds.all())
    waiting = _count(session, due)
    return MailFigures(
        waiting=waiting,
        planned=_count(session, single) - waiting,
        in_mailings=_count(session, _QUEUED & (OutboxMessage.priority >= BULK)),
        oldest_at=session.scalar(select(func.min(OutboxMessage.created_at)).where(due)),
        lately=_count(session, OutboxMessage.sent_at > now - LATELY),
        sent=_count(session, OutboxMessage.sent_at > now - RECENT),
        failed=_count(session, _FAILED & (OutboxMessage.created_at > now - RECENT)),
        hard_bounces=notices.get(NoticeKind.HARD_BOUNCE, 0),
        soft_bounces=notices.get(NoticeKind.SOFT_BOUNCE, 0),
        complaints=notices.get(NoticeKind.COMPLAINT, 0),
    )


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    some = select(OutboxMessage.id).where(condition).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def list_refusals(session: Session, *, now: datetime) -> Sequence[tuple[str, int]]:
    """For which reasons the latest mails of the week were refused, the most frequent first."""
    errors = session.scalars(
        select(OutboxMessage.error)
        .where(_FAILED, OutboxMessage.created_at > now - RECENT)
        .order_by(OutboxMessage.id.desc())
        .limit(MOST_READ)
    )
    return Counter(_OWN_WORDS.sub("…", error) for error in errors).most_common(MOST_REASONS)


def count_suppressions(session: Session) -> Sequence[tuple[str, int]]:
    """How many mailboxes are not written to, by the reason, the most frequent first."""
    number = func.count().label("number")
    rows = select(Suppression.reason, number).group_by(Suppression.reason).order_by(number.desc())
    return [(row.reason, row.number) for row in session.execute(rows)]


def list_tellers(session: Session, *, now: datetime) -> Sequence[Teller]:
    """Who told of bounces and complaints in the last week."""
    rows = session.execute(
        select(MailNotice.provider, func.count(), func.max(MailNotice.received_at))
        .where(MailNotice.received_at > now - RECENT)
        .group_by(MailNotice.provider)
        .order_by(MailNotice.provider)
    )
    return [Teller(*row) for row in rows]


def list_failed(session: Session, *, after: int | None = None, limit: int = 50) -> Page[OutboxMessage]:
    """Mails that will not be tried again, newest first; `after` is the cursor of the page before."""
    query = select(OutboxMessage).where(_FAILED)
    if after is not None:
        query = query.where(OutboxMessage.id < after)
    return page_of(session.scalars(query.order_by(OutboxMessage.id.desc()).limit(limit + 1)).all(), limit)


def get_mail(session: Session, mail_id: int) -> OutboxMessage:
    """One mail. Raises NotFound."""
    mail = session.get(OutboxMessage, mail_id)
    if mail is None:
        raise NotFound("There is no such mail.")
    return mail


def list_notices(session: Session, mail: OutboxMessage) -> Sequence[MailNotice]:
    """What was told about the mailbox that the mail goes to, newest first."""
    query = select(MailNotice).where(MailNotice.recipient_key == mail.recipient_key)
    return session.scalars(query.order_by(MailNotice.id.desc()).limit(MOST_REASONS)).all()


def find_suppression(session: Session, mail: OutboxMessage) -> Suppression | None:
    """Why nothing is sent to the mail's mailbox, if that is so."""
    return session.get(Suppression, mail.recipient_key)
