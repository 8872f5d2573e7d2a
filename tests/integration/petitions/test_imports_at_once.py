"""Two imports of the same people at the same moment, and a database that fails in the middle of one."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import current_demand
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db
from campaign.petitions import tally
from campaign.petitions.models import Signature, SignatureState
from campaign.settings import Settings
from tests.factories import make_campaign
from tests.processes import wait_until

HEAD = "name,email,country,consent\n"
PEOPLE = [f"person{number}@example.org" for number in range(40)]


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    shutil.rmtree(settings.storage / "imports", ignore_errors=True)


def write(path: Path, addresses: list[str], name: str = "Ann Lee") -> str:
    path.write_text(HEAD + "".join(f"{name},{address},GB,yes\n" for address in addresses))
    return str(path)


def stored(campaign: Campaign) -> list[str]:
    """The keys of the addresses in the order in which they were stored."""
    db.session.rollback()
    query = select(Signature.email_key).where(Signature.campaign_id == campaign.id).order_by(Signature.id)
    return list(db.session.scalars(query))


def test_rows_are_stored_in_one_order_whatever_order_the_file_has(app: Flask, storage: Path, tmp_path: Path) -> None:
    for addresses in (PEOPLE, PEOPLE[::-1]):
        campaign = make_campaign()
        path = write(tmp_path / "list.csv", addresses)
        assert app.test_cli_runner().invoke(args=["signatures", "import", campaign.slug, path]).exit_code == 0
        assert (stored(campaign), len(stored(campaign))) == (sorted(stored(campaign)), len(PEOPLE))


def test_a_batch_that_lost_to_another_transaction_is_stored_again(
    app: Flask, settings: Settings, storage: Path, tmp_path: Path
) -> None:
    """The other one stores the last address first and the first one last, which no import does."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time, so two cannot deadlock")
    campaign = make_campaign()
    keys = sorted(address_key(settings.hash_key, address) for address in PEOPLE)
    path = write(tmp_path / "list.csv", PEOPLE)
    done = []

    def run() -> None:
        done.append(app.test_cli_runner().invoke(args=["signatures", "import", campaign.slug, path]))

    command = threading.Thread(target=run)
    demand_id = current_demand(db.session(), campaign.id).id
    db.session.rollback()
    with Session(db.engine) as other:
        other.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # it is the import that is taken back
        _sign(other, campaign.id, demand_id, keys[-1])
        command.start()
        wait_until(_waits, "the import waits for the other")
        _sign(other, campaign.id, demand_id, keys[0])  # returns once the import was taken back
        other.rollback()
    command.join()
    assert done[0].exit_code == 0, done[0].output
    assert stored(campaign) == keys
    assert tally.counts(db.session(), campaign.id)[SignatureState.CONFIRMED] == len(PEOPLE)


def _sign(session: Session, campaign_id: int, demand_id: int, key: str) -> None:
    now = clock.now()
    session.execute(
        insert(Signature).values(
            campaign_id=campaign_id, demand_id=demand_id, name="x", name_folded="x", email="x@example.org",
            email_key=key, country="GB", consent_version="1", language="en", created_at=now, state_changed_at=now,
        )
    )  # fmt: skip


def _waits() -> bool:
    db.session.rollback()
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database OR database IS NULL"
        " WHERE NOT granted AND d.datname = current_database()"
    )
    return bool(db.session.scalar(waiting))


def test_a_failing_database_is_a_sentence_and_the_command_may_be_given_again(
    app: Flask, storage: Path, tmp_path: Path
) -> None:
    campaign = make_campaign()
    command = ["signatures", "import", campaign.slug, write(tmp_path / "list.csv", PEOPLE, "Mickey Mouse")]
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE signature_signal RENAME TO signature_signal_away"))
    try:
        failed = app.test_cli_runner().invoke(args=command)
    finally:
        db.session.remove()
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE signature_signal_away RENAME TO signature_signal"))
    assert (failed.exit_code, "Error: The database failed (" in failed.stderr) == (1, True), failed.output
    assert "Mickey" not in failed.output
    assert stored(campaign) == []
    again = app.test_cli_runner().invoke(args=command)
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "40 rows: 40 imported, 0 left out."), again.output
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 40
