"""The count equals the rows, folded or not, whatever happens at once."""

import random
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import delete, func, select, update

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import tally
from campaign.petitions.models import Signature, SignatureState, SignatureTally, TallyDelta
from campaign.petitions.transitions import Move, move
from tests.factories import make_campaign, make_demand, make_import, make_signature


def rows(campaign: Campaign) -> dict[SignatureState, int]:
    db.session.rollback()
    found = dict.fromkeys(SignatureState, 0)
    query = select(Signature.state, func.count()).where(Signature.campaign_id == campaign.id).group_by(Signature.state)
    found.update({state: number for state, number in db.session.execute(query)})  # noqa: C416
    return found


def test_folding_moves_the_deltas_and_keeps_the_count(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    for state in SignatureState:
        make_signature(campaign, state=state)
        make_signature(other, state=state)
    make_signature(campaign)
    before = tally.counts(db.session(), campaign.id)
    assert before == rows(campaign)
    assert before[SignatureState.CONFIRMED] == 2
    with transaction() as session:
        assert tally.fold(session) == 11
        assert tally.fold(session) == 0
    assert db.session.scalar(select(func.count()).select_from(TallyDelta)) == 0
    assert tally.counts(db.session(), campaign.id) == before


def test_a_move_happens_from_its_own_states_only(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    mine = {state: make_signature(campaign, state=state).id for state in SignatureState}
    theirs = make_signature(other).id
    with transaction() as session:
        moved = move(session, [*mine.values(), theirs], campaign_id=campaign.id, by=Move.HOLD, now=clock.now())
    assert moved == {mine[SignatureState.CONFIRMED]: SignatureState.CONFIRMED}
    assert tally.counts(db.session(), campaign.id) == rows(campaign)
    assert rows(other)[SignatureState.CONFIRMED] == 1


def test_restoring_leads_back_to_where_it_came_from(app: Flask) -> None:
    campaign = make_campaign()
    ids = {state: make_signature(campaign, state=state).id for state in (SignatureState.HELD, SignatureState.CONFIRMED)}
    for by in (Move.INVALIDATE, Move.RESTORE):
        with transaction() as session:
            assert len(move(session, list(ids.values()), campaign_id=campaign.id, by=by, now=clock.now())) == 2
    db.session.rollback()
    assert {state: db.session.get_one(Signature, row_id).state for state, row_id in ids.items()} == {s: s for s in ids}
    assert tally.counts(db.session(), campaign.id) == rows(campaign)


def test_the_count_equals_the_rows_after_many_moves_and_folds_at_once(app: Flask) -> None:
    campaign = make_campaign()
    ids = [make_signature(campaign, state=SignatureState.PENDING).id for _ in range(30)]

    def act(seed: int) -> None:
        chance = random.Random(seed)
        with app.app_context(), transaction() as session:
            if seed % 5 == 0:
                tally.fold(session)
            else:
                some = chance.sample(ids, 4)
                move(session, some, campaign_id=campaign.id, by=chance.choice(list(Move)), now=clock.now())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(150)))
    assert tally.counts(db.session(), campaign.id) == rows(campaign)


def cells(campaign: Campaign) -> set[tuple[int, int | None, SignatureState, int]]:
    db.session.rollback()
    found = tally.many_cells(db.session(), [campaign.id])[campaign.id]
    return {(cell.demand_id, cell.import_id, cell.state, cell.count) for cell in found}


def test_a_signature_is_counted_under_the_words_it_was_given_to(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    first = make_signature(campaign).demand_id
    make_signature(campaign, state=SignatureState.PENDING)
    make_signature(other)
    second = make_demand(campaign).id
    later = make_signature(campaign)
    brought = make_import(campaign)
    make_signature(campaign, import_id=brought.id, demand_id=first)
    expected = {
        (first, None, SignatureState.CONFIRMED, 1),
        (first, None, SignatureState.PENDING, 1),
        (first, brought.id, SignatureState.CONFIRMED, 1),
        (second, None, SignatureState.CONFIRMED, 1),
    }
    assert cells(campaign) == expected
    with transaction() as session:
        tally.fold(session)
    assert cells(campaign) == expected
    with transaction() as session:
        move(session, [later.id], campaign_id=campaign.id, by=Move.INVALIDATE, now=clock.now())
    moved = expected - {(second, None, SignatureState.CONFIRMED, 1)} | {(second, None, SignatureState.INVALIDATED, 1)}
    assert cells(campaign) == moved
    with transaction() as session:
        session.execute(delete(TallyDelta))
        session.execute(update(SignatureTally).values(count=7))
        tally.recount(session, campaign.id)
    assert cells(campaign) == moved
    assert tally.counts(db.session(), campaign.id) == rows(campaign)


def test_a_recount_mends_a_wrong_tally_and_says_what_it_found(app: Flask) -> None:
    campaign = make_campaign()
    make_signature(campaign)
    make_signature(campaign, state=SignatureState.HELD)
    with transaction() as session:
        tally.fold(session)
        session.execute(update(SignatureTally).values(count=SignatureTally.count + 5))
    with transaction() as session:
        found = tally.recount(session, campaign.id)
    assert found[SignatureState.CONFIRMED] == (6, 1)
    assert tally.counts(db.session(), campaign.id) == rows(campaign)
