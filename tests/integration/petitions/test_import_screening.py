"""Imported signatures are screened as far as a file tells something: marked with what was noticed, and held for nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.models import (
    Listing,
    ListSubject,
    ScreeningAction,
    Signal,
    Signature,
    SignatureSignal,
    SignatureState,
)
from campaign.petitions.screening.listing import add_entry
from campaign.settings import Settings
from tests.factories import make_campaign
from tests.integration.petitions.screening.conftest import set_action, signals_of
from tests.statements import recorded

S = Signal
HEAD = "name,email,country,consent,comment\n"
FILE = HEAD + (
    "Ann Lee,ann.lee@post.example,GB,yes,We drove 2 400 km.\n"
    "Mickey Mouse,m@post.example,GB,yes,\n"
    "Bea Low,bea@guerrillamail.com,GB,yes,\n"
    "Cy Hill,cy@post.example,GB,yes,ring me on 07700 900123\n"
    "Di Ford,di@post.example,GB,yes,Write to di@post.example or see https://spam.example. What vermin.\n"
    "Ed Gray,ed@post.example,GB,yes,\n"
    "Ed Gray,ed+one@post.example,GB,yes,\n"
    "Eddie Gray,ed+two@post.example,GB,yes,\n"
)


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    shutil.rmtree(settings.storage / "imports", ignore_errors=True)


def store(app: Flask, campaign: Campaign, path: Path, content: str) -> None:
    path.write_text(content)
    done = app.test_cli_runner().invoke(args=["signatures", "import", campaign.slug, str(path)])
    assert done.exit_code == 0, done.output


def bring(app: Flask, campaign: Campaign, path: Path, content: str) -> dict[str, dict[Signal, bool]]:
    """Import a file; gives what was noticed by address."""
    store(app, campaign, path, content)
    db.session.rollback()
    rows = db.session.scalars(select(Signature).where(Signature.campaign_id == campaign.id)).all()
    assert {(row.state, row.held_for) for row in rows} == {(SignatureState.CONFIRMED, None)}
    return {row.email or "": signals_of(row) for row in rows}


def test_what_a_file_tells_is_noticed_and_only_marked(app: Flask, storage: Path, tmp_path: Path) -> None:
    campaign = make_campaign()
    found = bring(app, campaign, tmp_path / "list.csv", FILE)
    aliases = [found.pop(address) for address in ("ed@post.example", "ed+one@post.example", "ed+two@post.example")]
    assert sorted(aliases, key=len) == [{}, {S.SAME_MAILBOX: False}, {S.SAME_MAILBOX: False}]
    assert found == {
        "ann.lee@post.example": {},
        "m@post.example": {S.NAME: False},
        "bea@guerrillamail.com": {S.THROWAWAY_DOMAIN: False},
        "cy@post.example": {S.COMMENT_PHONE: False},
        "di@post.example": {S.COMMENT_ADDRESS: False, S.COMMENT_LINK: False, S.COMMENT_WORDS: False},
    }
    later = bring(app, campaign, tmp_path / "list.csv", HEAD + "Ann Lee,annlee@post.example,GB,yes,\n")
    assert later["annlee@post.example"] == {S.SAME_MAILBOX: False}


def test_what_is_off_or_allowed_is_not_noticed(app: Flask, settings: Settings, storage: Path, tmp_path: Path) -> None:
    campaign = make_campaign()
    set_action(campaign, S.COMMENT_PHONE, ScreeningAction.OFF)
    with transaction() as session:
        add_entry(
            session, campaign.id, Listing.ALLOWED, ListSubject.DOMAIN, "guerrillamail.com", note="",
            hash_key=settings.hash_key, actor="mo", now=clock.now(),
        )  # fmt: skip
    found = bring(app, campaign, tmp_path / "list.csv", FILE)
    assert found["bea@guerrillamail.com"] == found["cy@post.example"] == {}
    assert found["m@post.example"] == {S.NAME: False}


def test_a_batch_asks_the_same_few_things_however_many_rows_it_has(app: Flask, storage: Path, tmp_path: Path) -> None:
    def asked(rows: int) -> int:
        people = (f"Mickey Mouse,ed+{n}@post.example,GB,yes,ring 07700 900123\n" for n in range(rows))
        campaign = make_campaign()
        with recorded() as sent:
            store(app, campaign, tmp_path / "list.csv", HEAD + "".join(people))
        db.session.rollback()
        noticed = select(func.count()).where(SignatureSignal.campaign_id == campaign.id)
        assert db.session.scalar(noticed) == 3 * rows - 1  # the first of a mailbox has no earlier one
        return len(sent)

    assert asked(2) == asked(200)
