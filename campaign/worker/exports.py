"""Making the lists that admins asked for, as files that live for a day.

Lease, commit, write the file, note it in a second transaction: a worker that dies leaves an export that another one
takes up once the lease has run out.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.leases import anything_due, lease
from campaign.petitions.export import export_path, selection_of, write_csv
from campaign.petitions.models import Export, ExportState

log = logging.getLogger(__name__)

ACTOR = "worker"
LEASE = timedelta(minutes=30)
LIFE = timedelta(hours=24)
MOST_ATTEMPTS = 3
PAUSE = timedelta(seconds=30)
BATCH = 2


def make_exports(storage: Path) -> int:
    """Make what is asked for and delete what has had its day; gives how many exports were dealt with."""
    return _make_due(storage) + _expire_due(storage)


def _make_due(storage: Path) -> int:
    due = Export.state == ExportState.QUEUED
    if not anything_due(db.session(), Export, due, now=clock.now()):
        return 0
    with transaction() as session:
        taken = lease(session, Export, due, now=clock.now(), limit=BATCH, length=LEASE)
    for export in taken:
        try:
            row_count, digest = _write_file(export_path(storage, export), export)
        except Exception as error:
            log.exception("export %s failed", export.public_id)
            _note_failure(export, error)
        else:
            _note_ready(export, row_count, digest)
    return len(taken)


def _write_file(path: Path, export: Export) -> tuple[int, str]:
    """Write beside the place and rename, so that a file with its own name is always whole. Gives rows and SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Excel takes a CSV file for the machine's old code page unless a byte-order mark says that it is UTF-8; without
    # it every name outside Latin is garbled. LibreOffice and Python's utf-8-sig read it as well.
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8-sig", newline="", dir=path.parent, suffix=".part", delete=False
    ) as file:
        try:
            row_count = write_csv(db.session(), selection_of(export), file)
            file.flush()
            os.fsync(file.fileno())
            with Path(file.name).open("rb") as written:
                digest = hashlib.file_digest(written, "sha256").hexdigest()
            Path(file.name).rename(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
        finally:
            db.session.rollback()
    return row_count, digest


def _note_ready(export: Export, row_count: int, digest: str) -> None:
    now = clock.now()
    with transaction() as session:
        ready = session.scalar(
            update(Export)
            .where(Export.id == export.id, Export.state == ExportState.QUEUED)
            .values(
                state=ExportState.READY, row_count=row_count, sha256=digest, ready_at=now, expires_at=now + LIFE,
                error="",
            )
            .returning(Export.id)
        )  # fmt: skip
        if ready is not None:
            record(
                session, actor=ACTOR, action="export.ready", object_type="export", object_id=export.public_id, now=now,
                campaign_id=export.campaign_id, rows=row_count, sha256=digest,
            )  # fmt: skip


def _note_failure(export: Export, error: Exception) -> None:
    """Try again later, a few times. The error's text may hold somebody's row, so only its name is kept."""
    now, name = clock.now(), type(error).__name__
    given_up = export.attempts >= MOST_ATTEMPTS
    values = {"error": name, "available_at": now + PAUSE}
    if given_up:
        values["state"] = ExportState.FAILED
    with transaction() as session:
        session.execute(update(Export).where(Export.id == export.id, Export.state == ExportState.QUEUED).values(values))
        if given_up:
            record(
                session, actor=ACTOR, action="export.failed", object_type="export", object_id=export.public_id,
                now=now, campaign_id=export.campaign_id, error=name,
            )  # fmt: skip


def _expire_due(storage: Path) -> int:
    """Files go first: a row that says expired never has one, whenever the worker dies."""
    now = clock.now()
    old = _expired(now)
    if not old:
        return 0
    for export in old:
        export_path(storage, export).unlink(missing_ok=True)
    for stray in (storage / "exports").glob("*.part"):  # left by a worker that was killed
        if stray.stat().st_mtime < (now - LIFE).timestamp():
            stray.unlink(missing_ok=True)
    with transaction() as session:
        gone = session.execute(
            update(Export)
            .where(Export.id.in_([export.id for export in old]), Export.state == ExportState.READY)
            .values(state=ExportState.EXPIRED)
            .returning(Export.public_id, Export.campaign_id)
        ).all()
        for public_id, campaign_id in gone:
            record(
                session, actor=ACTOR, action="export.expired", object_type="export", object_id=public_id, now=now,
                campaign_id=campaign_id,
            )  # fmt: skip
    return len(gone)


def _expired(now: datetime) -> Sequence[Export]:
    found = db.session.scalars(select(Export).where(Export.state == ExportState.READY, Export.expires_at <= now)).all()
    for export in found:
        db.session.expunge(export)
    return found
