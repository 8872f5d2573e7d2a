"""Export jobs: a list that an admin asks for, a worker makes, and a file keeps for a day. The worker's door leases,
commits and writes; what may become of a job is decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.errors import Closed, DomainError, NotFound
from campaign.core.leases import anything_due, lease
from campaign.core.lists.writing import Listing
from campaign.petitions.export.columns import USUAL
from campaign.petitions.export.selection import Selection
from campaign.petitions.models import Export, ExportFormat, ExportState, ExportSubject

SHORTEST_REASON = 5
SHOWN = 50
# Renewed while the file is written: it only says how soon another worker takes up what a killed one has left.
LEASE = timedelta(seconds=60)
LIFE = timedelta(hours=24)
PAUSE = timedelta(seconds=30)
MOST_ATTEMPTS = 3
WORKER = "worker"
# Files that a command writes in the same folder, for as long as it takes.
COMMAND_PREFIX = "command."

_DUE = Export.state == ExportState.QUEUED


class ReasonTooShort(DomainError):
    """An export needs a reason that somebody else can understand."""


def exports_folder(storage: Path) -> Path:
    """Where files of exports are: below the storage, which no web server serves."""
    return storage / "exports"


@dataclass(frozen=True)
class Made:
    """What is known of a finished file. `as_of` is the moment of the database that it shows."""

    rows: int
    size: int
    sha256: str
    as_of: datetime


def export_path(storage: Path, export: Export) -> Path:
    """Where the file of an export is kept while it lives.

    The attempt is part of its name: what a worker writes that has lost its lease is never taken for the finished file.
    """
    return exports_folder(storage) / f"{export.public_id}.{export.attempts}.{export.format.extension}"


def selection_of(export: Export) -> Selection:
    """What a stored export of signatures asks for."""
    return Selection.stored(
        export.campaign_id, export.filters, export.columns or list(USUAL), include_addresses=export.include_addresses
    )


def request_export(
    session: Session,
    selection: Listing,
    *,
    export_format: ExportFormat,
    reason: str,
    actor: str,
    now: datetime,
    comment_ids: Sequence[int] | None = None,
    subject: ExportSubject = ExportSubject.SIGNATURES,
) -> Export:
    """Queue an export, noted in the trail. `comment_ids` are those that a pack shows. Raises ReasonTooShort."""
    if len(reason) < SHORTEST_REASON:
        raise ReasonTooShort("Say what the list is for.")
    export = Export(
        campaign_id=selection.campaign_id,
        subject=subject,
        format=export_format,
        filters=selection.filters() | ({} if comment_ids is None else {"comments": list(comment_ids)}),
        columns=list(selection.chosen),
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
        campaign_id=selection.campaign_id, reason=reason, format=export_format.value, subject=subject.value,
        columns=selection.columns, include_addresses=selection.include_addresses, **selection.filters(),
    )  # fmt: skip
    return export


def list_exports(
    session: Session, campaign_id: int, subject: ExportSubject = ExportSubject.SIGNATURES
) -> Sequence[Export]:
    """The campaign's latest exports of a kind, newest first."""
    query = select(Export).where(Export.campaign_id == campaign_id, Export.subject == subject)
    return session.scalars(query.order_by(Export.id.desc()).limit(SHOWN)).all()


def list_packs(session: Session, campaign_id: int) -> Sequence[Export]:
    """The packs that were made, newest first, also those whose files are gone: their sums are known."""
    query = select(Export).where(
        Export.campaign_id == campaign_id, Export.format == ExportFormat.PACK, Export.sha256.is_not(None)
    )
    return session.scalars(query.order_by(Export.id.desc()).limit(SHOWN)).all()


def campaigns_with_ready(session: Session, campaign_ids: Sequence[int]) -> set[int]:
    """Those of the campaigns that have a list of signatures to fetch."""
    ready = select(Export.campaign_id).where(
        Export.campaign_id.in_(campaign_ids),
        Export.state == ExportState.READY,
        Export.subject == ExportSubject.SIGNATURES,
    )
    return set(session.scalars(ready))


def get_ready(session: Session, campaign_id: int, public_id: str, *, now: datetime) -> Export:
    """An export whose file may be fetched. Raises NotFound, and Closed once its day is over."""
    export = get_export(session, campaign_id, public_id)
    if export.state is ExportState.EXPIRED or (export.expires_at is not None and export.expires_at <= now):
        raise Closed("This file was deleted a day after it was made. Ask for it again.")
    if export.state is not ExportState.READY:
        raise NotFound("The file is not ready.")
    return export


def get_export(session: Session, campaign_id: int, public_id: str) -> Export:
    """One of a campaign's exports. Raises NotFound."""
    export = session.scalar(select(Export).where(Export.campaign_id == campaign_id, Export.public_id == public_id))
    if export is None:
        raise NotFound("There is no such export.")
    return export


def cancel(session: Session, campaign_id: int, public_id: str, *, actor: str, now: datetime) -> bool:
    """Nobody needs it any more; a worker that is writing notices. False where it was no longer under way."""
    export = get_export(session, campaign_id, public_id)
    cancelled = session.scalar(
        update(Export).where(Export.id == export.id, _DUE).values(state=ExportState.CANCELLED).returning(Export.id)
    )
    if cancelled is not None:
        _note(session, export, "cancelled", actor=actor, now=now)
    return cancelled is not None


def note_fetched(session: Session, export: Export, *, actor: str, now: datetime) -> None:
    """Somebody is about to be given the file."""
    _note(session, export, "fetched", actor=actor, now=now, rows=export.row_count, sha256=export.sha256)


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would find a job."""
    return anything_due(session, Export, _DUE, now=now)


def take(session: Session, *, now: datetime) -> Export | None:
    """Lease the next job; commit before working on it. One that no worker has survived is given up instead.

    A worker that is killed notes no failure, so what it took is judged when it comes up again.
    """
    for export in lease(session, Export, _DUE, now=now, limit=1, length=LEASE):
        if export.attempts <= MOST_ATTEMPTS:
            return export
        give_up(session, export, "WorkerDied", now=now)
    return None


def _mine(export: Export) -> list[ColumnElement[bool]]:
    """Still wanted, and no other worker has taken it since."""
    return [Export.id == export.id, _DUE, Export.attempts == export.attempts]


def renew(session: Session, export: Export, *, rows_done: int, rows_total: int | None, now: datetime) -> bool:
    """Keep the lease while the file is written, and tell how far it is. False: stop, it is not wanted any more."""
    renewed = session.scalar(
        update(Export)
        .where(*_mine(export))
        .values(available_at=now + LEASE, rows_done=rows_done, rows_total=rows_total)
        .returning(Export.id)
    )
    return renewed is not None


def note_ready(session: Session, export: Export, made: Made, *, now: datetime) -> bool:
    """The file is written; it lives for a day from now. False where nobody waits for this one any more."""
    ready = session.scalar(
        update(Export)
        .where(*_mine(export))
        .values(
            state=ExportState.READY, row_count=made.rows, rows_done=made.rows, sha256=made.sha256, size=made.size,
            as_of=made.as_of, ready_at=now, expires_at=now + LIFE, error="",
        )
        .returning(Export.id)
    )  # fmt: skip
    if ready is not None:
        _note(session, export, "ready", actor=WORKER, now=now, rows=made.rows, sha256=made.sha256)
    return ready is not None


def note_failure(session: Session, export: Export, error: str, *, now: datetime) -> None:
    """Try again later, a few times. `error` is a name only: an error's text may hold somebody's row."""
    if export.attempts >= MOST_ATTEMPTS:
        give_up(session, export, error, now=now)
        return
    session.execute(update(Export).where(*_mine(export)).values(error=error, available_at=now + PAUSE))


def give_up(session: Session, export: Export, error: str, *, now: datetime) -> None:
    """It will not be made. `error` is a name only."""
    failed = session.scalar(
        update(Export).where(*_mine(export)).values(state=ExportState.FAILED, error=error).returning(Export.id)
    )
    if failed is not None:
        _note(session, export, "failed", actor=WORKER, now=now, error=error)


def expire(session: Session, *, now: datetime) -> int:
    """The files whose day is over are not given out any more; `unwanted` names them from then on."""
    gone = session.scalars(
        update(Export)
        .where(Export.state == ExportState.READY, Export.expires_at <= now)
        .values(state=ExportState.EXPIRED)
        .returning(Export)
    ).all()
    for export in gone:
        _note(session, export, "expired", actor=WORKER, now=now)
    return len(gone)


def expire_now(session: Session, campaign_id: int, *, now: datetime) -> None:
    """Let a campaign's finished files go at once: somebody was erased who stands in them. The worker deletes them."""
    session.execute(
        update(Export)
        .where(Export.campaign_id == campaign_id, Export.state == ExportState.READY, Export.expires_at > now)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )


def is_anything_expired(session: Session, *, now: datetime) -> bool:
    """True where `expire` would find an export."""
    return bool(session.scalar(select(exists().where(Export.state == ExportState.READY, Export.expires_at <= now))))


def unwanted(session: Session, names: Sequence[str]) -> list[str]:
    """Those of the names in the folder that no export stands for: expired, cancelled, or left by a killed worker."""
    ids = {name.partition(".")[0] for name in names}
    known = select(Export.public_id, Export.state, Export.attempts).where(Export.public_id.in_(ids))
    kept = {
        f"{public_id}.{attempts}."
        for public_id, state, attempts in session.execute(known)
        if state in (ExportState.QUEUED, ExportState.READY)
    }
    return [name for name in names if not name.startswith(tuple(kept))]


def _note(session: Session, export: Export, verb: str, *, actor: str, now: datetime, **details: Any) -> None:
    record(
        session, actor=actor, action=f"export.{verb}", object_type="export", object_id=export.public_id, now=now,
        campaign_id=export.campaign_id, **details,
    )  # fmt: skip
