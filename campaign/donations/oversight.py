"""Reading what a person has to look at: the inbox, alarms, what matches nothing, and past comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.donations.models import (
    Alarm,
    Donation,
    EventState,
    StripeEvent,
    SyncRun,
    SyncState,
    UnmatchedObject,
)

MOST_SHOWN = 100
LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class InboxHealth:
    """When Stripe was last heard of, and what has not been applied yet."""

    last_received_at: datetime | None
    waiting: int
    late: int
    failed: int


def inbox_health(session: Session, *, now: datetime) -> InboxHealth:
    """The inbox in figures. `late` are those that have waited for more than five minutes."""
    waiting = select(func.count()).select_from(StripeEvent).where(StripeEvent.state == EventState.RECEIVED)
    failed = select(func.count()).select_from(StripeEvent).where(StripeEvent.state == EventState.FAILED)
    return InboxHealth(
        last_received_at=session.scalar(select(func.max(StripeEvent.received_at))),
        waiting=session.scalar(waiting) or 0,
        late=session.scalar(waiting.where(StripeEvent.received_at < now - LATE)) or 0,
        failed=session.scalar(failed) or 0,
    )


def list_troubled(session: Session) -> Sequence[StripeEvent]:
    """Events that were given up, and those that could not be applied at the first try; the newest hundred."""
    tried = (StripeEvent.state == EventState.RECEIVED) & (StripeEvent.error != "")
    query = select(StripeEvent).where(or_(StripeEvent.state == EventState.FAILED, tried))
    return session.scalars(query.order_by(StripeEvent.id.desc()).limit(MOST_SHOWN)).all()


def list_alarms(session: Session) -> Sequence[tuple[Alarm, str | None, str | None]]:
    """Open alarms, newest first, each with the public id and the campaign of its donation."""
    rows = session.execute(
        select(Alarm, Donation.public_id, Campaign.slug)
        .outerjoin(Donation, Donation.id == Alarm.donation_id)
        .outerjoin(Campaign, Campaign.id == Donation.campaign_id)
        .where(Alarm.resolved_at.is_(None))
        .order_by(Alarm.id.desc())
        .limit(MOST_SHOWN)
    )
    return [(alarm, public_id, slug) for alarm, public_id, slug in rows]


def list_unmatched(session: Session) -> Sequence[UnmatchedObject]:
    """What matches nothing and was not explained yet; the newest hundred."""
    query = select(UnmatchedObject).where(UnmatchedObject.resolved_at.is_(None))
    return session.scalars(query.order_by(UnmatchedObject.id.desc()).limit(MOST_SHOWN)).all()


def count_to_look_at(session: Session) -> int:
    """How many things about Stripe wait for a person: alarms, failed events, and what matches nothing."""
    queries = (
        select(func.count()).select_from(Alarm).where(Alarm.resolved_at.is_(None)),
        select(func.count()).select_from(UnmatchedObject).where(UnmatchedObject.resolved_at.is_(None)),
        select(func.count()).select_from(StripeEvent).where(StripeEvent.state == EventState.FAILED),
    )
    return sum(session.scalar(query) or 0 for query in queries)


def list_runs(session: Session, limit: int = 10) -> Sequence[SyncRun]:
    """The latest comparisons."""
    return session.scalars(select(SyncRun).order_by(SyncRun.id.desc()).limit(limit)).all()


def is_run_waiting(session: Session) -> bool:
    """True while a comparison waits or is under way that looks back as far as can be."""
    return bool(session.scalar(select(exists().where(SyncRun.state == SyncState.WANTED, SyncRun.days >= 30))))
