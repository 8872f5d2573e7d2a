"""Checking and storing the files that admins bring in.

A slice at a time, so that a worker that is told to stop does so soon. One that is killed leaves what the next one goes
on with: where a check is stands in its notebook, where a run is in the import's own row.
"""

import logging
import random
import shutil
import time
from datetime import date
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from campaign.core import clock
from campaign.core.csv_reading import FileRefused, Record, Shape, look
from campaign.core.database import db, lost_to_another, transaction
from campaign.petitions.imports import jobs, working
from campaign.petitions.imports.checking import Check
from campaign.petitions.imports.columns import WANTED
from campaign.petitions.imports.notebook import Notebook
from campaign.petitions.imports.storing import Run
from campaign.petitions.models import ImportState, SignatureImport
from campaign.settings import Settings

log = logging.getLogger(__name__)

SLICE_SECONDS = 20.0
BEAT_SECONDS = 2.0
FILLING_SECONDS = 600
MOST_TRIES = 5


class NotWanted(Exception):
    """The import was cancelled, or another worker has taken it."""


def work_on_imports(settings: Settings) -> int:
    """Go on with the next import for a while, and let go what has had its time; gives with how many it dealt."""
    return _work_on_next(settings) + _expire_due(settings.storage)


def _work_on_next(settings: Settings) -> int:
    if not working.is_anything_due(db.session(), now=clock.now()):
        return 0
    with transaction() as session:
        job = working.take(session, now=clock.now())
    if job is None:
        return 0
    try:
        if not work_on(job, settings, seconds=SLICE_SECONDS):
            with transaction() as session:
                working.release(session, job, now=clock.now())
    except NotWanted:
        log.info("import %s: not wanted any more", job.public_id)
    except FileRefused as refused:
        with transaction() as session:
            working.refuse(session, job, refused, now=clock.now())
    except Exception as error:
        log.exception("import %s failed", job.public_id)
        with transaction() as session:
            working.note_failure(session, job, type(error).__name__, now=clock.now())
    finally:
        db.session.rollback()
    return 1


def work_on(job: SignatureImport, settings: Settings, *, seconds: float | None = None) -> bool:
    """Check the file or store its rows, for so long; True when that is finished. Raises NotWanted, FileRefused."""
    path = jobs.rows_path(settings.storage, job.public_id)
    shape = look(path, WANTED, job.encoding)
    until = None if seconds is None else time.monotonic() + seconds
    if job.state is ImportState.CHECKING:
        return _check(job, path, shape, settings, until)
    return _run(job, path, shape, settings, until)


def _today(settings: Settings) -> date:
    return clock.now().astimezone(settings.zone).date()


def _check(job: SignatureImport, path: Path, shape: Shape, settings: Settings, until: float | None) -> bool:
    rules = jobs.rules_of(db.session(), job, shape, today=_today(settings), hash_key=settings.hash_key)
    with Notebook(jobs.notebook_path(settings.storage, job.public_id)) as notebook:
        check = Check(path, shape, rules, notebook, job.campaign_id)
        beat = time.monotonic()
        while check.step(db.session()):
            db.session.rollback()  # each batch sees the signatures as they are by then
            if time.monotonic() - beat > BEAT_SECONDS:
                beat = time.monotonic()
                _tell_progress(job, notebook)
            if until is not None and time.monotonic() > until:
                _tell_progress(job, notebook)
                return False
        findings = notebook.close_book()
        with transaction() as session:
            working.note_shape(session, job, shape)
            working.note_checked(
                session, job, rows=notebook.done, good=notebook.good, findings=findings, now=clock.now()
            )
    return True


def _tell_progress(job: SignatureImport, notebook: Notebook) -> None:
    with transaction() as session:
        if not working.note_looked_at(session, job, rows_done=notebook.done, now=clock.now()):
            raise NotWanted


def _run(job: SignatureImport, path: Path, shape: Shape, settings: Settings, until: float | None) -> bool:
    rules = jobs.rules_of(db.session(), job, shape, today=_today(settings), hash_key=settings.hash_key)
    run = Run(path, shape, rules, job, language=settings.languages[0])
    while batch := run.next_batch():
        _store(job, run, batch)
        job.rows_done += len(batch)
        if until is not None and time.monotonic() > until:
            return False
    with transaction() as session:
        working.note_done(session, job, now=clock.now())
    path.unlink(missing_ok=True)
    return True


def _store(job: SignatureImport, run: Run, batch: list[Record]) -> None:
    """Store a batch, and try again where another's transaction was let through instead. Raises NotWanted."""
    for left in reversed(range(MOST_TRIES)):
        try:
            with transaction() as session:
                imported = run.store(session, batch, now=clock.now())
                if not working.note_stored(session, job, rows=len(batch), imported=imported, now=clock.now()):
                    raise NotWanted  # takes back what this batch stored
        except DBAPIError as error:
            if not left or not lost_to_another(error):
                raise
            time.sleep(random.uniform(0, 0.2))
        else:
            return


def _expire_due(storage: Path) -> int:
    now = clock.now()
    if not jobs.is_anything_expired(db.session(), now=now):
        return 0
    with transaction() as session:
        gone = jobs.expire(session, now=now)
    sweep_imports(storage)
    return gone


def sweep_imports(storage: Path) -> int:
    """Delete the rows that nothing is left to do with, and the folders that no import stands for; gives how many."""
    folder = jobs.imports_folder(storage)
    names = [entry.name for entry in folder.iterdir() if _is_settled(entry)] if folder.is_dir() else []
    if not names:
        return 0
    kept = jobs.still_needed(db.session(), names)
    strays = [name for name in names if name not in kept]
    for name in strays:
        shutil.rmtree(folder / name, ignore_errors=True)
    done_with = [jobs.rows_path(storage, name) for name, rows in kept.items() if not rows]
    finished = [path for path in done_with if path.exists()]
    for path in finished:
        path.unlink(missing_ok=True)
    return len(strays) + len(finished)


def _is_settled(path: Path) -> bool:
    """False for a folder that is just being filled: its import is not stored yet."""
    try:
        return path.is_dir() and path.stat().st_mtime < time.time() - FILLING_SECONDS
    except FileNotFoundError:
        return False
