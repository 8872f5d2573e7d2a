"""What the public is told of signatures that were taken out of the count: how many, when, for which class of reason."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.petitions.models import Removal, RemovalReason

HOURS_SHOWN = 1_000


@dataclass(frozen=True)
class Day:
    """What happened on one day, in the zone that was asked for, for one class of reason."""

    on: date
    reason: RemovalReason
    removed: int
    restored: int


@dataclass(frozen=True)
class Standing:
    """How many were taken out for a class of reason so far, and how many of them were put back."""

    reason: RemovalReason
    removed: int
    restored: int

    @property
    def out(self) -> int:
        return self.removed - self.restored


def note(
    session: Session, reasons: Iterable[RemovalReason | None], *, campaign_id: int, restored: bool, now: datetime
) -> None:
    """Add to what is told, one reason for each signature; in the transaction that moves them, and last in it."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    counts = Counter(reason or RemovalReason.CHECKED for reason in reasons)
    for reason, count in sorted(counts.items()):  # one order, so that two moves cannot deadlock
        row = insert_into(session, Removal).values(
            campaign_id=campaign_id,
            hour=hour,
            reason=reason,
            removed=0 if restored else count,
            restored=count if restored else 0,
        )
        session.execute(
            row.on_conflict_do_update(
                index_elements=["campaign_id", "hour", "reason"],
                set_={
                    "removed": Removal.removed + row.excluded.removed,
                    "restored": Removal.restored + row.excluded.restored,
                },
            )
        )


def list_standings(session: Session, campaign_id: int) -> list[Standing]:
    """The classes of reasons for which any were taken out, the largest first."""
    rows = session.execute(
        select(Removal.reason, func.sum(Removal.removed), func.sum(Removal.restored))
        .where(Removal.campaign_id == campaign_id)
        .group_by(Removal.reason)
    )
    found = [Standing(reason, int(removed), int(restored)) for reason, removed, restored in rows]
    return sorted(found, key=lambda one: (-one.out, -one.removed, one.reason))


def list_days(session: Session, campaign_id: int, *, zone: tzinfo) -> Sequence[Day]:
    """The latest days on which any were taken out or put back, newest first."""
    rows = session.scalars(
        select(Removal).where(Removal.campaign_id == campaign_id).order_by(Removal.hour.desc()).limit(HOURS_SHOWN)
    )
    sums: dict[tuple[date, RemovalReason], tuple[int, int]] = {}
    for row in rows:
        key = row.hour.astimezone(zone).date(), row.reason
        removed, restored = sums.get(key, (0, 0))
        sums[key] = removed + row.removed, restored + row.restored
    return [Day(on, reason, removed, restored) for (on, reason), (removed, restored) in sums.items()]
