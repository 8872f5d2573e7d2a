"""Hours far above the usual: found in the rollups, marked or held in the background, and the count stays true."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, insert, select

from campaign.campaigns.models import Campaign, Demand
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.tokens import Token
from campaign.petitions import surges, tally
from campaign.petitions.confirmation import confirm
from campaign.petitions.models import (
    Listing,
    ListSubject,
    ScreeningAction,
    Signal,
    Signature,
    SignatureSignal,
    SignatureState,
    TallyDelta,
)
from campaign.petitions.moderation import ModerationAction, moderate
from campaign.petitions.screening.listing import add_entry
from campaign.petitions.screening.rules import Numbers
from campaign.settings import Settings
from campaign.worker.surges import mark_surges
from tests.factories import counted, make_campaign, make_import, reread
from tests.integration.petitions.screening.conftest import change_rules
from tests.statements import recorded

S, A = SignatureState, ScreeningAction
NOW = datetime(2026, 3, 12, 14, 30, tzinfo=clock.now().tzinfo)


@pytest.fixture
def campaign(app: Flask) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield make_campaign()


def fill(
    campaign: Campaign, country: str, count: int, at: datetime, state: SignatureState = S.CONFIRMED, **more: Any
) -> list[int]:
    """So many forms from a country, a second apart, folded into the rollups; gives their ids."""
    return store(campaign, [(country, at + timedelta(seconds=number)) for number in range(count)], state, **more)


def store(
    campaign: Campaign, forms: list[tuple[str, datetime]], state: SignatureState = S.CONFIRMED, **more: Any
) -> list[int]:
    with transaction() as session:
        demand_id = session.scalars(select(Demand.id).where(Demand.campaign_id == campaign.id)).one()
        first = session.scalar(select(func.count()).select_from(Signature)) or 0
        rows = [
            Signature(
                campaign_id=campaign.id, demand_id=demand_id, state=state, name="x", name_folded="x", country=country,
                email=f"{first + n}@mail{n % 7}.example", email_key=str(first + n), consent_version="1", language="en",
                edition=2 if state is S.CONFIRMED else 1, source="", created_at=at,
                confirmed_at=at + timedelta(minutes=1) if state is S.CONFIRMED else None, state_changed_at=at,
                **more,
            )
            for n, (country, at) in enumerate(forms)
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        session.execute(insert(TallyDelta), [counted(row) for row in rows])
        while tally.fold(session):
            pass
    return [row.id for row in rows]


def usual(campaign: Campaign) -> None:
    """Two days in which each hour brought five forms, one in five of them from Norway."""
    hours = [NOW - timedelta(hours=hours) for hours in range(48, 2, -1)]
    store(campaign, [(country, at) for at in hours for country in ("GB", "GB", "NO", "GB", "GB")])


def marked() -> dict[int, tuple[Signal, bool]]:
    db.session.rollback()
    return {row.signature_id: (row.signal, row.holds) for row in db.session.scalars(select(SignatureSignal))}


def set_numbers(campaign: Campaign, action: ScreeningAction = A.MARK) -> None:
    numbers = Numbers(country_least=10, country_times=3, campaign_least=40, campaign_times=6)
    change_rules(campaign, {Signal.COUNTRY_SURGE: action, Signal.CAMPAIGN_SURGE: action}, numbers=numbers)


def rows_of(state: SignatureState, campaign: Campaign) -> int:
    db.session.rollback()
    return (
        db.session.scalar(select(func.count()).where(Signature.campaign_id == campaign.id, Signature.state == state))
        or 0
    )


def test_a_country_that_brings_far_more_than_its_share_is_marked_and_no_other(campaign: Campaign) -> None:
    usual(campaign)
    set_numbers(campaign)
    other = make_campaign()
    fill(other, "NO", 30, NOW)
    fill(campaign, "GB", 7, NOW - timedelta(minutes=20))
    many = fill(campaign, "NO", 12, NOW - timedelta(minutes=10))
    earlier = fill(campaign, "NO", 2, NOW - timedelta(minutes=50))
    assert mark_surges() == 12
    assert marked() == dict.fromkeys(many, (Signal.COUNTRY_SURGE, False))
    assert db.session.scalars(select(SignatureSignal.detail)).first() == {"percent": 63, "usual": 20}
    assert {reread(db.session.get_one(Signature, row_id)).state for row_id in [*many, *earlier]} == {S.CONFIRMED}
    assert mark_surges() == 0


def test_what_holds_is_held_and_the_count_falls_by_exactly_that(campaign: Campaign) -> None:
    usual(campaign)
    set_numbers(campaign, A.HOLD)
    many = fill(campaign, "NO", 12, NOW - timedelta(minutes=10))
    waiting = fill(campaign, "NO", 3, NOW - timedelta(minutes=9), S.PENDING)
    before = tally.counts(db.session(), campaign.id)[S.CONFIRMED]
    assert mark_surges() == 15
    db.session.rollback()
    counts = tally.counts(db.session(), campaign.id)
    assert counts[S.CONFIRMED] == before - 12 == rows_of(S.CONFIRMED, campaign)
    assert counts[S.HELD] == 12 == rows_of(S.HELD, campaign)
    assert {db.session.get_one(Signature, row_id).held_for for row_id in many} == {Signal.COUNTRY_SURGE}
    with transaction() as session:
        confirm(session, Token(waiting[0], 1), now=clock.now())
    assert reread(db.session.get_one(Signature, waiting[0])).state is S.HELD


def test_what_a_moderator_decided_stays_decided(campaign: Campaign) -> None:
    usual(campaign)
    set_numbers(campaign, A.HOLD)
    many = fill(campaign, "NO", 12, NOW - timedelta(minutes=10))
    for action in (ModerationAction.HOLD, ModerationAction.RELEASE):
        with transaction() as session:
            moderate(session, campaign_id=campaign.id, ids=many[:2], action=action, reason="", actor="mo", now=NOW)
    mark_surges()
    db.session.rollback()
    states = [db.session.get_one(Signature, row_id).state for row_id in many]
    assert states == [S.CONFIRMED] * 2 + [S.HELD] * 10


def test_an_hour_with_far_more_than_usual_is_marked(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surges, "BATCH", 7)
    usual(campaign)
    set_numbers(campaign)
    many = fill(campaign, "GB", 40, NOW - timedelta(minutes=20))
    assert mark_surges() == 40
    assert marked() == dict.fromkeys(many, (Signal.CAMPAIGN_SURGE, False))
    assert db.session.scalars(select(SignatureSignal.detail)).first() == {"count": 40, "usual": 5}


def test_a_young_campaign_knows_no_usual(campaign: Campaign) -> None:
    set_numbers(campaign)
    fill(campaign, "GB", 20, NOW - timedelta(hours=5))
    fill(campaign, "NO", 100, NOW - timedelta(minutes=20))
    assert mark_surges() == 0


def test_off_is_off(campaign: Campaign) -> None:
    usual(campaign)
    set_numbers(campaign, A.OFF)
    fill(campaign, "NO", 60, NOW - timedelta(minutes=20))
    assert mark_surges() == 0


def test_who_is_allowed_is_in_no_surge(campaign: Campaign, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surges, "BATCH", 5)
    usual(campaign)
    set_numbers(campaign)
    with transaction() as session:
        add_entry(
            session, campaign.id, Listing.ALLOWED, ListSubject.DOMAIN, "mail1.example",
            note="", hash_key=settings.hash_key, actor="mo", now=NOW,
        )  # fmt: skip
    many = fill(campaign, "NO", 14, NOW - timedelta(minutes=10))
    assert mark_surges() == 12
    assert set(marked()) == set(many) - {many[1], many[8]}


def test_a_large_import_meanwhile_hides_no_form_of_the_hour(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surges, "_SLACK", 3)
    usual(campaign)
    set_numbers(campaign)
    many = fill(campaign, "NO", 12, NOW - timedelta(minutes=10))
    imported = fill(campaign, "NO", 30, NOW - timedelta(minutes=5), import_id=make_import(campaign).id)
    assert mark_surges() == len(many)
    assert set(marked()) == set(many)
    assert not set(marked()) & set(imported)


def test_the_watch_reads_the_hour_and_no_more_and_asks_once_for_a_batch(campaign: Campaign) -> None:
    usual(campaign)
    set_numbers(campaign, A.HOLD)
    many = fill(campaign, "NO", 12, NOW - timedelta(minutes=10))
    with recorded() as sent:
        assert mark_surges() == len(many)
    reads = [one for one in sent if "NOT (EXISTS" in one.sql]
    assert len(reads) == 2  # the batch, and that there is none after it
    assert len(sent) < 30
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection().exec_driver_sql("SET enable_seqscan = off")
        db.session.connection().exec_driver_sql("SET enable_bitmapscan = off")
    plan = reads[0].plan()
    # From where the hour began, by number or by time.
    assert "id>" in plan or "id >" in plan or "created_at>" in plan or "created_at >" in plan, plan
    assert "SCAN signature" not in plan, plan
    assert "Seq Scan on signature" not in plan, plan
