"""kill -9 of a worker in the middle of an import: another one goes on, every row is stored once, and the count is true."""

from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select, update

from campaign.app import create_app
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import current_demand
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import tally
from campaign.petitions.imports import jobs
from campaign.petitions.imports.jobs import LEASE, ImportFields, Upload
from campaign.petitions.models import ImportState, Origin, Signature, SignatureImport, SignatureState
from tests.conftest import ENGINES, make_database, make_settings, opened
from tests.factories import make_campaign
from tests.processes import Program, beside_python, running, wait_until

ROWS = 5_000
PUBLIC_ID = "killedimport2345"


def bring(campaign: Campaign, storage: Path) -> SignatureImport:
    """A file whose rows are to be stored, each address twice."""
    path = jobs.rows_path(storage, PUBLIC_ID)
    path.parent.mkdir(parents=True)
    lines = (f"Олена {n},person{n // 2}@example.org,UA,yes\n" for n in range(ROWS))
    path.write_text("name,email,country,consent\n" + "".join(lines))
    fields = ImportFields(
        demand_id=current_demand(db.session(), campaign.id).id, origin=Origin.PAPER, source="lists",
        collected_on=clock.now().date(), consent="I sign.",
    )  # fmt: skip
    with transaction() as session:
        job = jobs.request_import(
            session, campaign, fields, Upload("list.csv", 1, "0"), public_id=PUBLIC_ID, actor="test", now=clock.now()
        )
        session.execute(update(SignatureImport).values(state=ImportState.RUNNING, rows_total=ROWS, rows_good=ROWS))
    return job


def stored(job: SignatureImport) -> SignatureImport:
    db.session.rollback()
    return db.session.scalars(select(SignatureImport).where(SignatureImport.id == job.id)).one()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_worker_is_followed_by_another(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database = make_database(engine, tmp_path, request, f"import_kills_{engine}")
    with opened(create_app(make_settings(tmp_path, database))) as app:
        upgrade()
        campaign = make_campaign()
        _kill_and_go_on(campaign, database, tmp_path, bring(campaign, app.extensions["settings"].storage))


def _kill_and_go_on(campaign: Campaign, database: str, instance: Path, job: SignatureImport) -> None:
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
    with running(first):
        wait_until(lambda: stored(job).rows_imported > 0, "some rows are stored")
        first.kill()
    left = stored(job)
    assert left.state is ImportState.RUNNING  # it was killed in the middle
    assert 0 < left.rows_done < ROWS
    query = select(func.count()).where(Signature.campaign_id == campaign.id)
    assert db.session.scalar(query) == left.rows_imported  # a batch and its place in the file are stored together
    with running(second):
        wait_until(lambda: stored(job).state is not ImportState.RUNNING, "the rest is stored")
        assert second.stop() == 0
    assert (stored(job).state, stored(job).rows_done, stored(job).rows_imported) == (ImportState.DONE, ROWS, ROWS // 2)
    assert db.session.scalar(query) == ROWS // 2
    assert tally.counts(db.session(), campaign.id)[SignatureState.CONFIRMED] == ROWS // 2
