"""kill -9 of a worker in the middle of a list: another one takes it up once the lease has run out, and it ends right."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, insert, literal, select

from campaign.app import create_app
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.export.selection import Selection
from campaign.petitions.export_jobs import LEASE, export_path, request_export
from campaign.petitions.models import Export, ExportFormat, ExportState, Signature
from tests.conftest import ENGINES, make_database, make_settings, opened
from tests.factories import make_campaign, make_signature, reread
from tests.processes import Program, beside_python, running, wait_until

ROWS = 2**15


def fill(campaign: Campaign) -> None:
    """Signatures enough that writing them takes a while: one, doubled again and again."""
    first = make_signature(campaign, name="Олена Ковальчук")
    columns = [column for column in Signature.__table__.columns if column.name not in ("id", "email_key")]
    while (count := db.session.scalar(select(func.count()).select_from(Signature))) < ROWS:
        key = literal(f"{count}-").concat(Signature.email_key)
        with transaction() as session:
            names = [column.name for column in columns]
            rows = select(*columns, key).where(Signature.campaign_id == first.campaign_id)
            session.execute(insert(Signature).from_select([*names, "email_key"], rows))


def ask(campaign: Campaign) -> Export:
    with transaction() as session:
        return request_export(
            session, Selection(campaign_id=campaign.id), export_format=ExportFormat.XLSX, reason="To try it",
            actor="test", now=clock.now(),
        )  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_worker_is_followed_by_another(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database = make_database(engine, tmp_path, request, f"export_kills_{engine}")
    with opened(create_app(make_settings(tmp_path, database))) as app:
        upgrade()
        campaign = make_campaign()
        fill(campaign)
        _kill_and_go_on(app, database, tmp_path, ask(campaign))


def _kill_and_go_on(app: Flask, database: str, instance: Path, export: Export) -> None:
    variables = {
        "CAMPAIGN_ENV": "test", "INSTANCE_DIR": str(instance), "DATABASE_URL": database,
        "STRIPE_API_BASE": "http://127.0.0.1:9", "HASH_KEY": "test-hash-key-" + "x" * 32,
        "SECRET_KEY": "test-secret-key-" + "x" * 32,
    }  # fmt: skip
    command = (beside_python("flask"), "--app", "wsgi", "worker")
    first = Program(*command, log=instance / "first.log", **variables)
    # The other's clock runs ahead, so that the lease has run out without our waiting for it.
    later = str(int(LEASE.total_seconds()) + 5)
    second = Program(*command, log=instance / "second.log", CLOCK_OFFSET=later, **variables)
    folder = app.extensions["settings"].storage / "exports"
    with running(first):
        wait_until(lambda: list(folder.glob(f"{export.public_id}.1.*/*")), "the file is begun")
        first.kill()
    left = list(folder.iterdir())
    assert [path.is_dir() for path in left] == [True]  # it was killed in the middle
    assert reread(export).state is ExportState.QUEUED
    with running(second):
        wait_until(lambda: reread(export).state is not ExportState.QUEUED, "the file is there")
        assert second.stop() == 0
    stored = reread(export)
    assert (stored.state, stored.attempts, stored.row_count) == (ExportState.READY, 2, ROWS)
    path = export_path(app.extensions["settings"].storage, stored)
    assert list(folder.iterdir()) == [path]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == stored.sha256
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == ROWS + 1
