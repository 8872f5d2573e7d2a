"""Making the lists that admins asked for, as files that live for a day.

Lease, commit, write the file, note it in a second transaction. The lease is renewed meanwhile, so a worker that dies
leaves an export that another one takes up within a minute or so.
"""

import codecs
import hashlib
import logging
import os
import shutil
import tempfile
import threading
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from campaign.core import clock
from campaign.core.database import db, snapshot, transaction
from campaign.core.errors import DomainError
from campaign.core.links import links_for
from campaign.core.lists.writing import Listing, Progress, unwatched
from campaign.donations import exporting
from campaign.petitions import export_jobs as jobs
from campaign.petitions.export.formats import Writer, writers
from campaign.petitions.export_jobs import Made
from campaign.petitions.models import Export, ExportFormat, ExportSubject
from campaign.reports.handover.pack import write_pack
from campaign.reports.organisation import organisation_facts
from campaign.reports.printing import print_style
from campaign.settings import current_settings

log = logging.getLogger(__name__)

BEAT_SECONDS = 3.0


class NotWanted(Exception):
    """The export was cancelled, or another worker has taken it."""


class Heartbeat:
    """While an export is written: renews its lease, tells how far it is, and notices when nobody wants it any more."""

    def __init__(self, app: Flask, export: Export) -> None:
        self._app, self._export = app, export
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"export {export.public_id}", daemon=True)
        self.rows_done = 0
        self.rows_total: int | None = None
        self.wanted = True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def progress(self, rows_done: int) -> None:
        """So many rows are written. Raises NotWanted."""
        self.rows_done = rows_done
        if not self.wanted:
            raise NotWanted

    def _beat(self) -> None:
        with self._app.app_context():
            while self.wanted and not self._over.wait(BEAT_SECONDS):
                try:
                    with transaction() as session:
                        self.wanted = jobs.renew(
                            session, self._export, rows_done=self.rows_done, rows_total=self.rows_total,
                            now=clock.now(),
                        )  # fmt: skip
                except SQLAlchemyError as error:  # away for a moment; whose the export is, is asked again at the end
                    log.warning("export %s: lease not renewed (%s)", self._export.public_id, type(error).__name__)


def make_exports(storage: Path) -> int:
    """Make what is asked for and delete what has had its day; gives how many exports were dealt with."""
    return _make_next(storage) + _expire_due(storage)


def _make_next(storage: Path) -> int:
    if not jobs.is_anything_due(db.session(), now=clock.now()):
        return 0
    with transaction() as session:
        export = jobs.take(session, now=clock.now())
    if export is None:
        return 0
    if export.attempts > 1:
        sweep(storage)  # what the one before has left
    try:
        made = _write_file(jobs.export_path(storage, export), export)
    except NotWanted:
        log.info("export %s: not wanted any more", export.public_id)
    except DomainError as error:  # trying again would not help
        with transaction() as session:
            jobs.give_up(session, export, type(error).__name__, now=clock.now())
    except Exception as error:
        log.exception("export %s failed", export.public_id)
        with transaction() as session:
            jobs.note_failure(session, export, type(error).__name__, now=clock.now())
    else:
        with transaction() as session:
            noted = jobs.note_ready(session, export, made, now=clock.now())
        if not noted:
            jobs.export_path(storage, export).unlink(missing_ok=True)
    return 1


def _write_file(path: Path, export: Export) -> Made:
    """Write in a folder of its own and rename, so that a file with its own name is always whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    selection = _selection(export)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{path.stem}.") as folder, Heartbeat(app, export) as beat:
        beat.rows_total = db.session.scalar(selection.count())
        db.session.rollback()
        draft = Path(folder) / path.name
        # Excel takes a CSV file for the machine's old code page unless a byte-order mark says that it is UTF-8, and
        # garbles every name outside Latin. LibreOffice and Python's utf-8-sig read it as well.
        mark = codecs.BOM_UTF8 if export.format is ExportFormat.CSV else b""
        made = write_selection(draft, selection, _writer(export), progress=beat.progress, mark=mark)
        beat.progress(made.rows)
        draft.rename(path)
    return made


def _selection(export: Export) -> Listing:
    if export.subject is ExportSubject.DONATIONS:
        return exporting.Selection.stored(
            export.campaign_id, export.filters, export.columns, include_addresses=export.include_addresses
        )
    return jobs.selection_of(export)


def _writer(export: Export) -> Writer:
    settings = current_settings()
    style = print_style(settings, organisation=organisation_facts(db.session(), settings))
    db.session.rollback()  # what follows takes long, and reads a snapshot of its own
    if export.format is ExportFormat.PACK:
        links = links_for(settings.address, settings.languages, style.language)
        return partial(write_pack, style=style, links=links, comment_ids=export.filters.get("comments"))
    return writers(style)[export.format]


def write_selection(
    path: Path, selection: Listing, writer: Writer, *, progress: Progress = unwatched, mark: bytes = b""
) -> Made:
    """Write the rows as they are at one moment to a new file that begins with `mark`."""
    now = clock.now()
    with path.open("xb") as file, snapshot() as session:
        file.write(mark)
        rows = writer(session, selection, file, progress)
        file.flush()
        os.fsync(file.fileno())
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return Made(rows=rows, size=path.stat().st_size, sha256=digest, as_of=now)


def _expire_due(storage: Path) -> int:
    now = clock.now()
    if not jobs.is_anything_expired(db.session(), now=now):
        return 0
    with transaction() as session:
        gone = jobs.expire(session, now=now)
    sweep(storage)
    return gone


def sweep(storage: Path) -> int:
    """Delete the files that no export stands for any more; gives how many."""
    folder = jobs.exports_folder(storage)
    names = [entry.name for entry in folder.iterdir() if not _in_use(entry)] if folder.is_dir() else []
    strays = jobs.unwanted(db.session(), names) if names else []
    for name in strays:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name, ignore_errors=True)
        else:
            (folder / name).unlink(missing_ok=True)
    return len(strays)


def _in_use(path: Path) -> bool:
    """A command writes its file there too, and no export stands for that; one that was killed is done within a day."""
    try:
        return (
            path.name.startswith(jobs.COMMAND_PREFIX) and path.stat().st_mtime > (clock.now() - jobs.LIFE).timestamp()
        )
    except FileNotFoundError:
        return True
