"""Making the lists that admins asked for, as files that live for a day.

Lease, commit, write the file, note it in a second transaction: a worker that dies leaves an export that another one
takes up once the lease has run out.
"""

import hashlib
import logging
import os
import tempfile
from pathlib import Path

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import export_jobs as jobs
from campaign.petitions.export import write_csv
from campaign.petitions.models import Export

log = logging.getLogger(__name__)


def make_exports(storage: Path) -> int:
    """Make what is asked for and delete what has had its day; gives how many exports were dealt with."""
    return _make_due(storage) + _expire_due(storage)


def _make_due(storage: Path) -> int:
    if not jobs.is_anything_due(db.session(), now=clock.now()):
        return 0
    with transaction() as session:
        taken = jobs.take(session, now=clock.now())
    for export in taken:
        try:
            row_count, sha256 = _write_file(jobs.export_path(storage, export), export)
        except Exception as error:
            log.exception("export %s failed", export.public_id)
            with transaction() as session:
                jobs.note_failure(session, export, type(error).__name__, now=clock.now())
        else:
            with transaction() as session:
                jobs.note_ready(session, export, row_count=row_count, sha256=sha256, now=clock.now())
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
            row_count = write_csv(db.session(), jobs.selection_of(export), file)
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


def _expire_due(storage: Path) -> int:
    """Files go first: a row that says expired never has one, whenever the worker dies."""
    now = clock.now()
    old = jobs.list_expired(db.session(), now=now)
    if not old:
        return 0
    for export in old:
        jobs.export_path(storage, export).unlink(missing_ok=True)
        db.session.expunge(export)
    for stray in (storage / "exports").glob("*.part"):  # left by a worker that was killed
        if stray.stat().st_mtime < (now - jobs.LIFE).timestamp():
            stray.unlink(missing_ok=True)
    with transaction() as session:
        return jobs.note_expired(session, old, now=now)
