"""A run takes out exactly what its preview found, and the way back gives back exactly that."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.invalidation import batches, records
from campaign.petitions.invalidation.records import MovedOn, ReasonTooShort
from campaign.petitions.models import InvalidationState, RemovalReason, Signature, SignatureState
from campaign.petitions.moderation import ModerationAction, Outcome, moderate
from campaign.petitions.transitions import Move, move
from campaign.petitions.undoing import undo
from campaign.worker.invalidations import work_on_invalidations
from tests.integration.petitions.invalidation.conftest import (
    NETWORK,
    Run,
    preview,
    sign_in_bulk,
    states,
    told,
    work,
)

S, A, Stage = SignatureState, ModerationAction, InvalidationState


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "WINDOW", 10)


def do_batch(run: Run) -> bool:
    batch = batches.find_batch(db.session(), run.row)
    with transaction() as session:
        return batches.apply_batch(session, batch, now=clock.now())


def decide(campaign: Campaign, ids: list[int], action: ModerationAction) -> Outcome:
    with transaction() as session:
        return moderate(
            session, campaign_id=campaign.id, ids=ids, action=action, reason="Looked at", actor="me", now=clock.now()
        )


def ids_of(run: Run, state: SignatureState = S.INVALIDATED) -> list[int]:
    db.session.rollback()
    query = select(Signature.id).where(Signature.invalidation_id == run.id, Signature.state == state)
    return list(db.session.scalars(query.order_by(Signature.id)))


def test_preview_run_and_restore(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 300)
    sign_in_bulk(campaign, 1300, network_hash=NETWORK)
    sign_in_bulk(campaign, 700, network_hash=NETWORK, state=S.HELD)
    sign_in_bulk(campaign, 40, network_hash=NETWORK, state=S.PENDING)
    run = preview(campaign, network_hash=NETWORK)
    assert (run.row.state, run.row.expected) == (Stage.READY, 2000)
    assert run.row.counts == {"confirmed": 1300, "held": 700, "pending": 40}
    assert len(run.row.sample) == 20
    run.start()
    work()
    assert (run.row.state, run.row.took_confirmed, run.row.took_held) == (Stage.DONE, 1300, 700)
    assert states(campaign) == {S.CONFIRMED: 300, S.INVALIDATED: 2000, S.PENDING: 40}
    assert told(campaign) == {RemovalReason.BOTS: (2000, 0)}
    run.restore()
    work()
    assert (run.row.gave_back_confirmed, run.row.gave_back_held, run.row.left) == (1300, 700, {})
    assert states(campaign) == {S.CONFIRMED: 1600, S.HELD: 700, S.PENDING: 40}
    assert told(campaign) == {RemovalReason.BOTS: (2000, 2000)}


def test_a_run_of_those_that_are_held_leaves_the_others(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 30, network_hash=NETWORK)
    sign_in_bulk(campaign, 7, network_hash=NETWORK, state=S.HELD)
    run = preview(campaign, network_hash=NETWORK, state=S.HELD)
    assert run.row.expected == 7
    run.start()
    work()
    assert states(campaign) == {S.CONFIRMED: 30, S.INVALIDATED: 7}


def test_what_comes_in_or_changes_after_the_preview_is_not_touched(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 50, network_hash=NETWORK)
    sign_in_bulk(campaign, 2, network_hash=NETWORK, state=S.PENDING)
    run = preview(campaign, network_hash=NETWORK)
    sign_in_bulk(campaign, 5, network_hash=NETWORK)
    later, ids = (
        clock.now() + timedelta(seconds=1),
        list(db.session.scalars(select(Signature.id).order_by(Signature.id))),
    )
    with transaction() as session:  # one is held and one is confirmed meanwhile, one taken back
        assert move(session, ids[:1], campaign_id=campaign.id, by=Move.HOLD, now=later)
        assert move(session, ids[50:51], campaign_id=campaign.id, by=Move.CONFIRM, now=later)
        assert move(session, ids[1:2], campaign_id=campaign.id, by=Move.WITHDRAW, now=later)
    run.start()
    work()
    assert (run.row.expected, run.row.took) == (50, 48)
    assert states(campaign) == {S.CONFIRMED: 6, S.HELD: 1, S.WITHDRAWN: 1, S.PENDING: 1, S.INVALIDATED: 48}


def test_a_stop_holds_from_the_next_batch_and_going_on_misses_none(campaign: Campaign, small_batches: None) -> None:
    sign_in_bulk(campaign, 35, network_hash=NETWORK)
    run = preview(campaign, network_hash=NETWORK)
    run.start()
    assert do_batch(run)
    looked_for = batches.find_batch(db.session(), run.row)
    run.act(records.stop)
    with transaction() as session:
        assert not batches.apply_batch(session, looked_for, now=clock.now())
    work()
    assert (run.row.state, run.row.took) == (Stage.STOPPED, 10)
    assert states(campaign) == {S.CONFIRMED: 25, S.INVALIDATED: 10}
    run.act(records.go_on)
    work()
    assert (run.row.state, run.row.took) == (Stage.DONE, 35)
    assert told(campaign) == {RemovalReason.BOTS: (35, 0)}


def test_a_stopped_run_gives_back_what_it_took(campaign: Campaign, small_batches: None) -> None:
    sign_in_bulk(campaign, 35, network_hash=NETWORK)
    run = preview(campaign, network_hash=NETWORK)
    run.start()
    do_batch(run)
    do_batch(run)
    run.act(records.stop)
    run.restore()
    work()
    assert (run.row.state, run.row.took, run.row.gave_back) == (Stage.RESTORED, 20, 20)
    assert states(campaign) == {S.CONFIRMED: 35}


def test_a_slow_worker_does_no_batch_that_another_has_done(campaign: Campaign, small_batches: None) -> None:
    sign_in_bulk(campaign, 35, network_hash=NETWORK)
    run = preview(campaign, network_hash=NETWORK)
    run.start()
    for done, deed in ((lambda: run.row.took, None), (lambda: run.row.gave_back, run.restore)):
        if deed:
            deed()
        found = batches.find_batch(db.session(), run.row)
        do_batch(run)
        do_batch(run)
        before = run.row.cursor
        with transaction() as session:
            assert not batches.apply_batch(session, found, now=clock.now())
        assert (done(), run.row.cursor) == (20, before)
        work()
        assert done() == 35
    assert run.row.left == {}


def test_what_somebody_changed_since_stays_and_is_accounted_for(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 20, network_hash=NETWORK)
    run = preview(campaign, network_hash=NETWORK)
    run.start()
    work()
    ids = ids_of(run)
    decide(campaign, ids[:6], A.RESTORE)  # six by a person, of whom
    decide(campaign, ids[:2], A.INVALIDATE)  # two are rejected again,
    with transaction() as session:  # and one is taken back; somebody else asks to be forgotten
        move(session, ids[2:3], campaign_id=campaign.id, by=Move.WITHDRAW, now=clock.now())
        session.execute(update(Signature).where(Signature.id == ids[10]).values(state_before=None, email=None))
    run.restore()
    work()
    assert run.row.gave_back == 13
    assert run.row.left == {"restored": 3, "withdrawn": 1, "forgotten": 1, "taken_again": 2}
    assert states(campaign) == {S.CONFIRMED: 16, S.WITHDRAWN: 1, S.INVALIDATED: 3}
    assert told(campaign) == {RemovalReason.BOTS: (20, 19), RemovalReason.CHECKED: (2, 0)}


def test_a_persons_restoring_that_is_undone_belongs_to_the_run_again(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 5, network_hash=NETWORK)
    run = preview(campaign, network_hash=NETWORK)
    run.start()
    work()
    outcome = decide(campaign, ids_of(run)[:2], A.RESTORE)
    assert outcome.decision_id is not None
    with transaction() as session:
        assert undo(session, outcome.decision_id, campaign_id=campaign.id, actor="me", now=clock.now()).changed == 2
    assert told(campaign) == {RemovalReason.BOTS: (7, 2)}
    run.restore()
    work()
    assert (run.row.gave_back, run.row.left) == (5, {})


def test_runs_that_overlap_take_each_signature_once(app: Flask, campaign: Campaign, small_batches: None) -> None:
    sign_in_bulk(campaign, 60, network_hash=NETWORK)
    sign_in_bulk(campaign, 60, network_hash=NETWORK, country="PL")
    sign_in_bulk(campaign, 60, country="PL")
    runs = [preview(campaign, network_hash=NETWORK), preview(campaign, country="PL")]
    assert [run.row.expected for run in runs] == [120, 120]
    for run in runs:
        run.start()

    def work_along(_number: int) -> None:
        with app.app_context():
            while work_on_invalidations():
                pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work_along, range(4)))
    work()
    assert [run.row.state for run in runs] == [Stage.DONE, Stage.DONE]
    assert sum(run.row.took for run in runs) == 180
    assert [len(ids_of(run)) for run in runs] == [run.row.took for run in runs]
    for run in runs:
        run.restore()
    work()
    assert sum(run.row.gave_back for run in runs) == 180
    assert states(campaign) == {S.CONFIRMED: 180}
    assert told(campaign) == {RemovalReason.BOTS: (180, 180)}


def test_people_sign_and_confirm_and_moderators_decide_meanwhile(
    app: Flask, campaign: Campaign, small_batches: None
) -> None:
    sign_in_bulk(campaign, 200, network_hash=NETWORK)
    sign_in_bulk(campaign, 50, network_hash=NETWORK, state=S.PENDING)
    run = preview(campaign, network_hash=NETWORK)
    ids = list(db.session.scalars(select(Signature.id).order_by(Signature.id)))
    run.start()

    def live(number: int) -> None:
        with app.app_context():
            if number == 0:
                work()
                return
            sign_in_bulk(campaign, 1, network_hash=NETWORK, email=f"late{number}@x.example", email_key=f"late {number}")
            with transaction() as session:
                now = clock.now()
                move(session, [ids[200 + number]], campaign_id=campaign.id, by=Move.CONFIRM, now=now)
                move(session, [ids[5 * number]], campaign_id=campaign.id, by=Move.WITHDRAW, now=now)

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(live, range(20)))
    work()
    found = states(campaign)  # and the count says the same
    assert run.row.state is Stage.DONE
    assert found[S.INVALIDATED] == run.row.took == 200 - found.get(S.WITHDRAWN, 0)
    assert found[S.CONFIRMED] == 19 + 19
    run.restore()
    work()
    assert states(campaign)[S.CONFIRMED] == 19 + 19 + run.row.took


def test_nothing_starts_without_a_reason_or_from_another_state(campaign: Campaign) -> None:
    sign_in_bulk(campaign, 3, network_hash=NETWORK)
    run = preview(campaign, network_hash=NETWORK)
    with pytest.raises(ReasonTooShort):
        run.act(records.start, reason_class=RemovalReason.BOTS, reason="no")
    for deed in (records.stop, records.go_on):
        with pytest.raises(MovedOn):
            run.act(deed)
    with pytest.raises(MovedOn):
        run.restore()
    run.start()
    with pytest.raises(MovedOn):
        run.start()
    assert states(campaign) == {S.CONFIRMED: 3}
