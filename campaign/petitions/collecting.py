"""Tallies: signatures that were collected elsewhere and come as a number, with where and when it was counted.

A number that was wrong is corrected with a reason. The row says what holds now; the trail keeps what it said before.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.audit.models import AuditEntry
from campaign.audit.queries import list_about
from campaign.audit.trail import record
from campaign.core.database import insert_into
from campaign.core.errors import ChangedMeanwhile, NotFound
from campaign.petitions.models import CollectedTally, Origin


@dataclass(frozen=True, kw_only=True)
class TallyFields:
    """What a tally says: so many at this source, as counted on that day."""

    origin: Origin
    source: str
    count: int
    counted_on: date

    def told(self) -> dict[str, Any]:
        """The fields for the trail."""
        return asdict(self) | {"counted_on": self.counted_on.isoformat()}


def add_tally(
    session: Session, campaign_id: int, fields: TallyFields, *, form_key: str, actor: str, now: datetime
) -> bool:
    """Enter a tally, once for each form key; gives whether it was new."""
    row = insert_into(session, CollectedTally).values(campaign_id=campaign_id, form_key=form_key, **asdict(fields))
    tally_id = session.scalar(row.on_conflict_do_nothing(index_elements=["form_key"]).returning(CollectedTally.id))
    if tally_id is None:
        return False
    _note(session, campaign_id, tally_id, "added", actor=actor, now=now, **fields.told())
    return True


def correct_tally(
    session: Session,
    campaign_id: int,
    tally_id: int,
    fields: TallyFields,
    *,
    was: int,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Let the tally say something else, for a reason; a count of 0 takes it off the page.

    Raises NotFound, and ChangedMeanwhile where its count is not the one that was shown (`was`).
    """
    before = get_tally(session, campaign_id, tally_id)
    told = TallyFields(
        origin=Origin(before.origin), source=before.source, count=before.count, counted_on=before.counted_on
    )
    changed = session.scalar(
        update(CollectedTally)
        .where(CollectedTally.id == tally_id, CollectedTally.count == was)
        .values(**asdict(fields))
        .returning(CollectedTally.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise ChangedMeanwhile("Somebody else has corrected this tally.")
    _note(
        session, campaign_id, tally_id, "corrected", actor=actor, now=now, reason=reason, before=told.told(),
        **fields.told(),
    )  # fmt: skip


def get_tally(session: Session, campaign_id: int, tally_id: int) -> CollectedTally:
    """One tally of the campaign. Raises NotFound."""
    row = session.scalar(
        select(CollectedTally).where(CollectedTally.id == tally_id, CollectedTally.campaign_id == campaign_id)
    )
    if row is None:
        raise NotFound("There is no such tally.")
    return row


def list_tallies(session: Session, campaign_id: int) -> list[tuple[CollectedTally, Sequence[AuditEntry]]]:
    """The campaign's tallies, the latest first, each with what the trail tells of it."""
    rows = session.scalars(
        select(CollectedTally)
        .where(CollectedTally.campaign_id == campaign_id)
        .order_by(CollectedTally.counted_on.desc(), CollectedTally.id.desc())
    ).all()
    told: dict[str, list[AuditEntry]] = {str(row.id): [] for row in rows}
    for entry in list_about(session, "tally", [row.id for row in rows]):
        told[entry.object_id].append(entry)
    return [(row, told[str(row.id)]) for row in rows]


def _note(
    session: Session,
    campaign_id: int,
    tally_id: int,
    verb: str,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    **details: Any,
) -> None:
    record(
        session, actor=actor, action=f"tally.{verb}", object_type="tally", object_id=tally_id, now=now,
        campaign_id=campaign_id, reason=reason, **details,
    )  # fmt: skip
