"""Export jobs: a list that an admin asks for, a worker makes, and a file keeps for a day. The worker's door leases,
commits and writes; what may become of a job is decided here.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.errors import Closed, DomainError, NotFound
from campaign.core.leases import anything_due, lease
from campaign.petitions.export import Selection
from campaign.petitions.models import Export, ExportFormat, ExportState, SignatureState

SHORTEST_REASON = 5
SHOWN = 50
BATCH = 2
LEASE = timedelta(minutes=30)
LIFE = timedelta(hours=24)
PAUSE = timedelta(seconds=30)
MOST_ATTEMPTS = 3
WORKER = "worker"

_DUE = Export.state == ExportState.QUEUED


class ReasonTooShort(DomainError):
    """An export needs a reason that somebody else can understand."""


def export_path(storage: Path, export: Export) -> Path:
    """Where the file of an export is kept while it lives."""
    return storage / "exports" / f"{export.public_id}.{export.format.value}"


def selection_of(export: Export) -> Selection:
    """What a stored export asks for."""
    return Selection(
        campaign_id=export.campaign_id,
        state=SignatureState(export.filters["state"]),
        country=export.filters.get("country", ""),
        source=export.filters.get("source", ""),
        include_addresses=export.include_addresses,
    )


def request_export(
    session: Session,
    selection: Selection,
    *,
    export_format: ExportFormat,
    reason: str,
    actor: str,
    now: datetime,
) -> Export:
    """Queue an export, noted in the trail. Raises ReasonTooShort."""
    if len(reason) < SHORTEST_REASON:
        raise ReasonTooShort("Say what the list is for.")
    export = Export(
        campaign_id=selection.campaign_id,
        format=export_format,
        filters=selection.filters(),
        include_addresses=selection.include_addresses,
        reason=reason,
        requested_by=actor,
        created_at=now,
        available_at=now,
    )
    session.add(export)
    session.flush()
    record(
        session, actor=actor, action="export.requested", object_type="export", object_id=export.public_id, now=now,
        campaign_id=selection.campaign_id, reason=reason, format=export_format.value,
        include_addresses=selection.include_addresses, **selection.filters(),
    )  # fmt: skip
    return export


def list_exports(session: Session, campaign_id: int) -> Sequence[Export]:
    """The campaign's latest exports, newest first."""
    return session.scalars(
        select(Export).where(Export.campaign_id == campaign_id).order_by(Export.id.desc()).limit(SHOWN)
    ).all()


def campaigns_with_ready(session: Session, campaign_ids: Sequence[int]) -> set[int]:
    """Those of the campaigns that have a file to fetch."""
    ready = select(Export.campaign_id).where(Export.campaign_id.in_(campaign_ids), Export.state == ExportState.READY)
    return set(session.scalars(ready))


def get_ready(session: Session, campaign_id: int, public_id: str, *, now: datetime) -> Export:
    """An export whose file may be fetched. Raises NotFound, and Closed once its day is over."""
    export = session.scalar(select(Export).where(Export.campaign_id == campaign_id, Export.public_id == public_id))
    if export is None:
        raise NotFound("There is no such export.")
    if export.state is ExportState.EXPIRED or (export.expires_at is not None and export.expires_at <= now):
        raise Closed("This file was deleted a day after it was made. Ask for it again.")
    if export.state is not ExportState.READY:
        raise NotFound("The file is not ready.")
    return export


def note_fetched(session: Session, export: Export, *, actor: str, now: datetime) -> None:
    """Somebody is about to be given the file."""
    _note(session, export, "fetched", actor=actor, now=now, rows=export.row_count)


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would find a job."""
    return anything_due(session, Export, _DUE, now=now)


def take(session: Session, *, now: datetime) -> list[Export]:
    """Lease the next jobs, and give up those that no worker has survived; commit before working on the others.

    A worker that is killed notes no failure, so what it took is judged when it comes up again.
    """
    taken = lease(session, Export, _DUE, now=now, limit=BATCH, length=LEASE)
    for export in taken:
        if export.attempts > MOST_ATTEMPTS:
            _give_up(session, export, "WorkerDied", now=now)
    return [export for export in taken if export.attempts <= MOST_ATTEMPTS]


def note_ready(session: Session, export: Export, *, row_count: int, sha256: str, now: datetime) -> None:
    """The file is written; it lives for a day from now."""
    ready = session.scalar(
        update(Export)
        .where(Export.id == export.id, _DUE)
        .values(
            state=ExportState.READY, row_count=row_count, sha256=sha256, ready_at=now, expires_at=now + LIFE, error="",
        )
        .returning(Export.id)
    )  # fmt: skip
    if ready is not None:
        _note(session, export, "ready", actor=WORKER, now=now, rows=row_count, sha256=sha256)


def note_failure(session: Session, export: Export, error: str, *, now: datetime) -> None:
    """Try again later, a few times. `error` is a name only: an error's text may hold somebody's row."""
    if export.attempts >= MOST_ATTEMPTS:
        _give_up(session, export, error, now=now)
        return
    session.execute(update(Export).where(Export.id == export.id, _DUE).values(error=error, available_at=now + PAUSE))


def _give_up(session: Session, export: Export, error: str, *, now: datetime) -> None:
    failed = session.scalar(
        update(Export)
        .where(Export.id == export.id, _DUE)
        .values(state=ExportState.FAILED, error=error)
        .returning(Export.id)
    )
    if failed is not None:
        _note(session, export, "failed", actor=WORKER, now=now, error=error)


def list_expired(session: Session, *, now: datetime) -> Sequence[Export]:
    """The ready exports whose day is over."""
    return session.scalars(select(Export).where(Export.state == ExportState.READY, Export.expires_at <= now)).all()


def note_expired(session: Session, exports: Sequence[Export], *, now: datetime) -> int:
    """Their files are gone; gives for how many that was news."""
    gone = set(
        session.scalars(
            update(Export)
            .where(Export.id.in_([export.id for export in exports]), Export.state == ExportState.READY)
            .values(state=ExportState.EXPIRED)
            .returning(Export.id)
        )
    )
    for export in exports:
        if export.id in gone:
            _note(session, export, "expired", actor=WORKER, now=now)
    return len(gone)


def _note(session: Session, export: Export, verb: str, *, actor: str, now: datetime, **details: Any) -> None:
    record(
        session, actor=actor, action=f"export.{verb}", object_type="export", object_id=export.public_id, now=now,
        campaign_id=export.campaign_id, **details,
    )  # fmt: skip
