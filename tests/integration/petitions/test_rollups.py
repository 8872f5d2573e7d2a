"""The statistics' sums equal the signatures, folded or not, whatever happens at once and whatever readers send."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Subquery, delete, func, select, update

from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.core.epoch import hour_of, start_of
from campaign.core.tokens import Token
from campaign.petitions import retention, rollups, tally
from campaign.petitions.confirmation import disown
from campaign.petitions.models import (
    ConfirmationDelay,
    Dimension,
    Signature,
    SignatureRollup,
    SignatureState,
    TallyDelta,
)
from campaign.petitions.rollups import writing
from campaign.petitions.transitions import Move, move
from tests.factories import NOW, make_campaign, make_import, make_signature

HOUR = hour_of(NOW)
EXACT = (Dimension.ALL, Dimension.SOURCE, Dimension.COUNTRY)


def fold() -> None:
    with transaction() as session:
        while tally.fold(session):
            pass


def read(found: Subquery, keys: tuple[str, ...], measures: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, int]]:
    """Each key's measures that are not zero."""
    db.session.rollback()
    columns = [found.c[name] for name in keys]
    query = select(*columns, *(func.sum(found.c[name]).label(name) for name in measures)).group_by(*columns)
    rows = {tuple(row)[: len(keys)]: row._mapping for row in db.session.execute(query)}
    kept = {key: {name: int(row[name]) for name in measures if row[name]} for key, row in rows.items()}
    return {key: values for key, values in kept.items() if values}


def figures(campaign: Campaign, dimension: Dimension) -> dict[tuple[Any, ...], dict[str, int]]:
    return read(rollups.everything(campaign.id, dimension), ("hour", "value"), rollups.MEASURES)


def delays(campaign: Campaign) -> dict[tuple[Any, ...], dict[str, int]]:
    return read(rollups.current_delays([campaign.id]), ("source", "seconds"), ("count",))


def everything(campaign: Campaign) -> list[Any]:
    return [*(figures(campaign, dimension) for dimension in EXACT), delays(campaign)]


def expected(campaign: Campaign) -> list[Any]:
    """The same, counted from the signatures one by one."""
    found: list[dict[tuple[Any, ...], dict[str, int]]] = [{}, {}, {}, {}]

    def add(number: int, key: tuple[Any, ...], name: str) -> None:
        row = found[number].setdefault(key, {})
        row[name] = row.get(name, 0) + 1

    standing = {"confirmed": "counted", "held": "held", "invalidated": "removed"}
    for one in db.session.scalars(select(Signature).where(Signature.campaign_id == campaign.id)):
        form, press = hour_of(one.created_at), hour_of(one.confirmed_at or one.created_at)
        names = ["pressed"] if one.confirmed_at else []
        names += [standing[one.state.value]] if one.state.value in standing else []
        for number, value in enumerate(["", one.source, one.country]):
            add(number, (form, value), "sent")
            for name in names:
                add(number, (press, value), name)
            for name in ["sent", *names] if number else []:
                add(number, (0, value), name)
        if one.confirmed_at:
            took = int(one.confirmed_at.timestamp()) - int(one.created_at.timestamp())
            add(3, (one.source, next(step for step in rollups.STEPS if took <= step)), "count")
    return found


def a_crowd(campaign: Campaign, count: int = 40) -> list[int]:
    """Signatures of several hours, sources, countries and states."""
    chance, ids = random.Random(7), []
    for _ in range(count):
        state = chance.choice(list(SignatureState))
        at = NOW - timedelta(minutes=chance.randrange(600))
        pressed = at + timedelta(seconds=chance.randrange(2_000)) if state is not SignatureState.PENDING else None
        before = SignatureState.CONFIRMED if state is SignatureState.INVALIDATED else None
        one = make_signature(
            campaign, state=state, created_at=at, confirmed_at=pressed, source=chance.choice(["", "one", "two"]),
            country=chance.choice(["GB", "PL", "UA"]), state_before=before,
        )  # fmt: skip
        ids.append(one.id)
    return ids


def test_sums_equal_the_rows_before_and_after_folding(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    a_crowd(campaign)
    a_crowd(other, 3)
    # A source stands by its own name once it was folded for the first time.
    before = figures(campaign, Dimension.ALL)
    assert before == expected(campaign)[0]
    fold()
    assert everything(campaign) == expected(campaign)
    assert db.session.scalar(select(func.count()).select_from(TallyDelta)) == 0
    a_crowd(campaign, 5)
    assert everything(campaign) == expected(campaign)  # five of them not folded yet


def test_sums_equal_the_rows_after_many_moves_and_folds_at_once(app: Flask) -> None:
    campaign = make_campaign()
    ids = a_crowd(campaign, 30)

    def act(seed: int) -> None:
        chance = random.Random(seed)
        with app.app_context(), transaction() as session:
            if seed % 4 == 0:
                tally.fold(session)
            else:
                now = NOW + timedelta(minutes=seed)
                move(session, chance.sample(ids, 4), campaign_id=campaign.id, by=chance.choice(list(Move)), now=now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(120)))
    fold()
    assert everything(campaign) == expected(campaign)
    counts = tally.counts(db.session(), campaign.id)
    for dimension, hours in ((Dimension.ALL, HOUR), (Dimension.SOURCE, 1), (Dimension.COUNTRY, 1)):
        rows = [row for (hour, _), row in figures(campaign, dimension).items() if (hour == 0) == (hours == 1)]
        for name, state in (("counted", "confirmed"), ("held", "held"), ("removed", "invalidated")):
            assert sum(row.get(name, 0) for row in rows) == counts[SignatureState(state)]


def test_two_folding_workers_take_different_deltas(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "FOLD_BATCH", 7)
    campaign = make_campaign()
    a_crowd(campaign, 60)

    def work(_number: int) -> int:
        done = 0
        with app.app_context():
            for _ in range(20):
                with transaction() as session:
                    done += tally.fold(session)
        return done

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, range(3))) == 60
    assert everything(campaign) == expected(campaign)


def test_a_form_deleted_unconfirmed_was_sent_all_the_same(app: Flask) -> None:
    campaign = make_campaign()
    gone = make_signature(campaign, state=SignatureState.PENDING, source="one")
    make_signature(campaign, source="one")
    with transaction() as session:
        assert retention.delete_unconfirmed(session, [gone.id], now=NOW + timedelta(days=15)) == 1
    fold()
    assert figures(campaign, Dimension.SOURCE)[0, "one"] == {"sent": 2, "forgotten": 1, "pressed": 1, "counted": 1}
    with transaction() as session:
        tally.recount(session, campaign.id)  # the signatures alone do not tell
    assert figures(campaign, Dimension.ALL) == {(HOUR, ""): {"sent": 2, "forgotten": 1, "pressed": 1, "counted": 1}}


def test_what_a_file_brought_counts_and_came_by_no_form(app: Flask) -> None:
    campaign = make_campaign()
    brought = make_import(campaign)
    ids = [make_signature(campaign, import_id=brought.id, country="PL").id for _ in range(3)]
    with transaction() as session:
        move(session, ids[:1], campaign_id=campaign.id, by=Move.INVALIDATE, now=NOW)
    for act in (lambda: None, fold):
        act()
        assert figures(campaign, Dimension.ALL) == {(HOUR, ""): {"counted": 2, "removed": 1}}
        assert figures(campaign, Dimension.COUNTRY)[0, "PL"] == {"counted": 2, "removed": 1}
        assert (figures(campaign, Dimension.SOURCE), delays(campaign)) == ({}, {})
    with transaction() as session:
        session.execute(delete(SignatureRollup))
        tally.recount(session, campaign.id)
    assert figures(campaign, Dimension.ALL) == {(HOUR, ""): {"counted": 2, "removed": 1}}
    assert (figures(campaign, Dimension.SOURCE), delays(campaign)) == ({}, {})


def test_a_recount_makes_rollups_again(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    a_crowd(campaign)
    a_crowd(other, 3)
    fold()
    untouched = everything(other)
    with transaction() as session:
        session.execute(update(SignatureRollup).values(counted=SignatureRollup.counted + 3, held=0))
        session.execute(delete(SignatureRollup).where(SignatureRollup.dimension == Dimension.COUNTRY))
        session.execute(delete(ConfirmationDelay))
    a_crowd(campaign, 4)  # not folded while it counts
    with transaction() as session:
        tally.recount(session, campaign.id)
        tally.recount(session, other.id)
    fold()
    assert everything(campaign) == expected(campaign)
    assert everything(other) == untouched


def test_readers_cannot_fill_the_table_with_sources(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_SOURCES", 3)
    monkeypatch.setattr(rollups.tidying, "MOST_SOURCES", 3)
    campaign = make_campaign()
    ids = [make_signature(campaign, state=SignatureState.PENDING, source=f"s{number}").id for number in range(6)]
    fold()
    late = make_signature(campaign, source="s9").id
    fold()
    sums = {value: row for (hour, value), row in figures(campaign, Dimension.SOURCE).items() if hour == 0}
    assert sums == {
        "s0": {"sent": 1}, "s1": {"sent": 1}, "s2": {"sent": 1}, "…": {"sent": 4, "pressed": 1, "counted": 1},
    }  # fmt: skip
    with transaction() as session:
        move(session, [late], campaign_id=campaign.id, by=Move.WITHDRAW, now=NOW)
        retention.delete_unconfirmed(session, ids[:2], now=NOW)
    fold()
    # Names that nothing is left of make room; what they brought stays in the sum.
    with transaction() as session:
        assert rollups.is_anything_to_tidy(session, campaign.id, now=NOW)
        assert rollups.tidy(session, campaign.id, now=NOW) == 2
        assert not rollups.is_anything_to_tidy(session, campaign.id, now=NOW)
    sums = {value: row for (hour, value), row in figures(campaign, Dimension.SOURCE).items() if hour == 0}
    assert sums == {"s2": {"sent": 1}, "…": {"sent": 6, "forgotten": 2, "pressed": 1}}
    make_signature(campaign, source="new")
    fold()
    assert (0, "new") in figures(campaign, Dimension.SOURCE)


def test_old_hours_go_and_sums_stay(app: Flask) -> None:
    campaign = make_campaign()
    for days, number in ((0, 6), (9, 6), (40, 1)):
        at = NOW - timedelta(days=days)
        for _ in range(number):
            make_signature(campaign, created_at=at, confirmed_at=at, source="one", network_hash="n")
    fold()
    by_day = {Dimension.DOMAIN: 3, Dimension.NETWORK: 3}
    assert {one: len(figures(campaign, one)) for one in by_day} == by_day
    with transaction() as session:
        assert rollups.tidy(session, campaign.id, now=NOW) == 2 + 4
    assert {hour for hour, _ in figures(campaign, Dimension.NETWORK)} == {HOUR}
    assert {hour for hour, _ in figures(campaign, Dimension.SOURCE)} == {0, HOUR, HOUR - 9 * 24}
    assert len(figures(campaign, Dimension.ALL)) == 3
    assert figures(campaign, Dimension.COUNTRY)[0, "GB"]["counted"] == 13


def test_domains_and_networks_of_single_people_go_the_same_day(app: Flask) -> None:
    campaign = make_campaign()
    make_signature(campaign, email="a@own-domain.example", network_hash="n1")
    for number in range(5):
        make_signature(campaign, email=f"b{number}@many.example", network_hash="n2")
    fold()
    assert set(figures(campaign, Dimension.DOMAIN)) == {(HOUR, "own-domain.example"), (HOUR, "many.example")}
    with transaction() as session:
        rollups.tidy(session, campaign.id, now=NOW + timedelta(hours=8))
    assert figures(campaign, Dimension.DOMAIN) == {(HOUR, "many.example"): {"sent": 5, "pressed": 5}}
    assert set(figures(campaign, Dimension.NETWORK)) == {(HOUR, "n2")}


def test_hours_are_the_same_in_sql_and_in_python(app: Flask) -> None:
    campaign = make_campaign()
    edge = start_of(HOUR)
    for at in (edge, edge - timedelta(microseconds=1), edge + timedelta(minutes=59, seconds=59, microseconds=999_999)):
        make_signature(campaign, created_at=at, confirmed_at=at)
    fold()
    assert {hour: row["sent"] for (hour, _), row in figures(campaign, Dimension.ALL).items()} == {HOUR: 2, HOUR - 1: 1}


def test_a_person_who_is_forgotten_leaves_no_domain_and_no_network(app: Flask) -> None:
    campaign, early = make_campaign(), NOW - timedelta(hours=3)
    alone = make_signature(campaign, email="a@own-domain.example", network_hash="n1", created_at=early)
    waiting = make_signature(campaign, email="c@other-domain.example", network_hash="n3")
    for number in range(2):
        make_signature(campaign, email=f"b{number}@many.example", network_hash="n2", created_at=early)
    with transaction() as session:
        session.execute(update(TallyDelta).where(TallyDelta.domain == "own-domain.example").values(created_at=early))
    assert set(figures(campaign, Dimension.DOMAIN)) >= {(HOUR, "own-domain.example"), (HOUR, "other-domain.example")}
    for signature in (alone, waiting):
        with transaction() as session:
            if signature is alone:
                tally.fold(session)
            disown(session, Token(row_id=signature.id, version=1), now=NOW)
    fold()
    for dimension, left in ((Dimension.DOMAIN, "many.example"), (Dimension.NETWORK, "n2")):
        assert {value for _, value in figures(campaign, dimension)} == {left}
