"""An import in a worker's hands. The worker's door leases, commits and works; what becomes of the import is noted here,
and only while it is still that worker's.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from campaign.core.csv_reading import FileRefused, Shape
from campaign.core.leases import anything_due, lease
from campaign.petitions.imports.jobs import CHECKED_LIFE, DUE, FINDINGS_LIFE, LEASE, WORKER, note_in_trail
from campaign.petitions.models import ImportState, SignatureImport

PAUSE = timedelta(seconds=30)
MOST_ATTEMPTS = 10
_S = ImportState


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would find an import."""
    return anything_due(session, SignatureImport, DUE, now=now)


def take(session: Session, *, now: datetime) -> SignatureImport | None:
    """Lease the next import; commit before working on it. One that no worker has survived is given up instead."""
    for job in lease(session, SignatureImport, DUE, now=now, limit=1, length=LEASE):
        if job.attempts <= MOST_ATTEMPTS:
            return job
        fail(session, job, "WorkerDied", now=now)
    return None


def _mine(job: SignatureImport) -> list[ColumnElement[bool]]:
    """Still wanted at this point, and no other worker has taken it since."""
    return [
        SignatureImport.id == job.id,
        SignatureImport.state == job.state,
        SignatureImport.attempts == job.attempts,
    ]


def _note_mine(session: Session, job: SignatureImport, *conditions: ColumnElement[bool], **values: Any) -> bool:
    noted = session.scalar(
        update(SignatureImport)
        .where(*_mine(job), *conditions)
        .values(**values)
        .returning(SignatureImport.id)
        .execution_options(synchronize_session=False)
    )
    return noted is not None


def note_looked_at(session: Session, job: SignatureImport, *, rows_done: int, now: datetime) -> bool:
    """So far the check is; keeps the lease. False: stop, it is not wanted any more."""
    return _note_mine(session, job, rows_done=rows_done, available_at=now + LEASE)


def note_stored(session: Session, job: SignatureImport, *, rows: int, imported: int, now: datetime) -> bool:
    """So many more rows are done with, in the transaction that stores them. False: take all of it back and stop."""
    before = SignatureImport.rows_done == job.rows_done
    return _note_mine(
        session, job, before, rows_done=job.rows_done + rows, rows_imported=SignatureImport.rows_imported + imported,
        available_at=now + LEASE,
    )  # fmt: skip


def release(session: Session, job: SignatureImport, *, now: datetime) -> None:
    """Let any worker go on with it at once."""
    _note_mine(session, job, available_at=now, attempts=job.attempts - 1)


def note_shape(session: Session, job: SignatureImport, shape: Shape) -> None:
    """How the file is written."""
    _note_mine(
        session, job, encoding=shape.encoding, delimiter=shape.delimiter, columns_ignored=list(shape.header.ignored)
    )


def note_checked(
    session: Session, job: SignatureImport, *, rows: int, good: int, findings: dict[str, int], now: datetime
) -> None:
    """The whole file was looked at; now an admin decides, within a day."""
    noted = _note_mine(
        session, job, state=_S.CHECKED, rows_total=rows, rows_done=rows, rows_good=good, findings=findings,
        checked_at=now, expires_at=now + CHECKED_LIFE,
    )  # fmt: skip
    if noted:
        note_in_trail(session, job, "checked", actor=WORKER, now=now, rows=rows, good=good, findings=findings)


def note_done(session: Session, job: SignatureImport, *, now: datetime) -> None:
    """Every row of the file is done with."""
    if _note_mine(session, job, state=_S.DONE, finished_at=now, expires_at=now + FINDINGS_LIFE):
        rows = session.scalar(select(SignatureImport.rows_imported).where(SignatureImport.id == job.id))
        note_in_trail(session, job, "done", actor=WORKER, now=now, rows=rows)


def refuse(session: Session, job: SignatureImport, refused: FileRefused, *, now: datetime) -> None:
    """The file cannot be read at all; `error` keeps why, for the page."""
    fail(session, job, ":".join([refused.problem.value, *refused.columns]), now=now)


def note_failure(session: Session, job: SignatureImport, error: str, *, now: datetime) -> None:
    """Try again later, a few times. `error` is a name only: an error's text may hold somebody's row."""
    if job.attempts >= MOST_ATTEMPTS:
        fail(session, job, error, now=now)
    else:
        _note_mine(session, job, error=error, available_at=now + PAUSE)


def fail(session: Session, job: SignatureImport, error: str, *, now: datetime) -> None:
    """It will not go on; what was stored so far stays."""
    if _note_mine(session, job, state=_S.FAILED, error=error, finished_at=now, expires_at=now + FINDINGS_LIFE):
        note_in_trail(session, job, "failed", actor=WORKER, now=now, error=error)
