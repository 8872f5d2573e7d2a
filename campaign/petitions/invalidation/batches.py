"""What a worker does for an invalidation, one batch at a time: count, take out, give back.

A batch is looked for in plain reads and carried out in a transaction that first locks the invalidation and sees that it
is still in that state and at that cursor. So a stop holds from the moment it is stored, a killed worker leaves nothing
half done, and two workers at one invalidation do no batch twice.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from campaign.petitions.invalidation import trail
from campaign.petitions.invalidation.conditions import conditions_of
from campaign.petitions.invalidation.previewing import Progress, count_on, progress_of
from campaign.petitions.invalidation.walking import Ground, windows
from campaign.petitions.models import Invalidation, InvalidationState, Signature, SignatureState
from campaign.petitions.transitions import Move, move

COUNTED_AT_ONCE = 20_000
LOOKED_AT_ONCE = 10_000
WINDOW = 500  # and so at most twice as many are changed in one transaction

_S = InvalidationState
# id, state, state_before, edition
Taken = Row[int, SignatureState, SignatureState | None, int]


@dataclass(frozen=True)
class Batch:
    """What was found for the next step of an invalidation that stood at `cursor`."""

    invalidation_id: int
    state: InvalidationState
    cursor: int
    upto: int
    is_last: bool
    carry_out: Callable[[Session, Invalidation, datetime], None]


def find_batch(session: Session, invalidation: Invalidation) -> Batch:
    """Look for the next step; plain reads."""
    if invalidation.state is _S.COUNTING:
        return _count(session, invalidation)
    if invalidation.state is _S.RUNNING:
        return _find_to_take(session, invalidation)
    return _find_to_give_back(session, invalidation)


def apply_batch(session: Session, batch: Batch, *, now: datetime) -> bool:
    """Carry the step out; gives whether the invalidation goes on after it. False also where it was stopped."""
    invalidation = session.scalar(
        select(Invalidation)
        .where(
            Invalidation.id == batch.invalidation_id,
            Invalidation.state == batch.state,
            Invalidation.cursor == batch.cursor,
        )
        .with_for_update()
    )
    if invalidation is None:
        return False
    batch.carry_out(session, invalidation, now)
    invalidation.cursor = batch.upto
    invalidation.attempts, invalidation.error = 0, ""
    if batch.is_last:
        _finish(session, invalidation, now)
    return not batch.is_last


def ground_of(invalidation: Invalidation) -> Ground:
    """Where an invalidation looks. Raises ValueError where its conditions were forgotten."""
    return Ground(invalidation.campaign_id, conditions_of(invalidation.conditions), invalidation.newest_id)


def _batch(invalidation: Invalidation, upto: int, *, is_last: bool, carry_out: Any) -> Batch:
    return Batch(invalidation.id, invalidation.state, invalidation.cursor, upto, is_last, carry_out)


def _count(session: Session, invalidation: Invalidation) -> Batch:
    counted = count_on(
        session,
        ground_of(invalidation),
        progress_of(invalidation),
        as_of=invalidation.created_at,
        most=COUNTED_AT_ONCE,
    )
    carry_out = partial(_note_counted, counted=counted)
    return _batch(invalidation, counted.cursor, is_last=counted.is_finished, carry_out=carry_out)


def _note_counted(_session: Session, invalidation: Invalidation, _now: datetime, *, counted: Progress) -> None:
    invalidation.counts, invalidation.sample = counted.counts, counted.sample


def _find_to_take(session: Session, invalidation: Invalidation) -> Batch:
    """Signatures that fit and that nobody changed since the preview, each with its edition."""
    ground = ground_of(invalidation)
    states, as_of = ground.wanted.states(), invalidation.created_at
    editions: dict[int, int] = {}
    looked_at = 0
    for window in windows(session, ground, after=invalidation.cursor, size=WINDOW):
        editions |= {row.id: row.edition for row in window.fit if row.state in states and row.state_changed_at <= as_of}
        looked_at += window.looked_at
        if window.is_last or looked_at >= LOOKED_AT_ONCE or len(editions) >= WINDOW:
            break
    return _batch(invalidation, window.upto, is_last=window.is_last, carry_out=partial(_take, editions=editions))


def _take(session: Session, invalidation: Invalidation, now: datetime, *, editions: Mapping[int, int]) -> None:
    moved = move(
        session,
        list(editions),
        campaign_id=invalidation.campaign_id,
        by=Move.INVALIDATE,
        now=now,
        editions=editions,
        invalidation_id=invalidation.id,
        removal_reason=invalidation.reason_class,
        decision_reason=invalidation.reason,
    )
    taken = Counter(moved.values())
    invalidation.took_confirmed += taken[SignatureState.CONFIRMED]
    invalidation.took_held += taken[SignatureState.HELD]


def _find_to_give_back(session: Session, invalidation: Invalidation) -> Batch:
    rows = session.execute(
        select(Signature.id, Signature.state, Signature.state_before, Signature.edition)
        .where(Signature.invalidation_id == invalidation.id, Signature.id > invalidation.cursor)
        .order_by(Signature.id)
        .limit(WINDOW)
    ).all()
    upto = rows[-1].id if rows else invalidation.cursor
    return _batch(invalidation, upto, is_last=len(rows) < WINDOW, carry_out=partial(_give_back, rows=rows))


def _give_back(session: Session, invalidation: Invalidation, now: datetime, *, rows: Sequence[Taken]) -> None:
    """Those that stand as the run left them go back; of the others is kept why not."""
    there = {row.id: row.edition for row in rows if row.state is SignatureState.INVALIDATED}
    moved = move(
        session,
        list(there),
        campaign_id=invalidation.campaign_id,
        by=Move.RESTORE,
        now=now,
        editions=there,
        decision_reason="",
    )
    back = Counter(row.state_before for row in rows if row.id in moved)
    invalidation.gave_back_confirmed += back[SignatureState.CONFIRMED]
    invalidation.gave_back_held += back[SignatureState.HELD]
    left = Counter(invalidation.left)
    left.update(_why_left(row) for row in rows if row.id not in moved)
    invalidation.left = dict(left)


def _why_left(row: Taken) -> str:
    if row.state is SignatureState.WITHDRAWN:
        return "withdrawn"
    if row.state is SignatureState.INVALIDATED and row.state_before is None:
        return "forgotten"
    return "restored"


def _finish(session: Session, invalidation: Invalidation, now: datetime) -> None:
    if invalidation.state is _S.COUNTING:
        invalidation.state = _S.READY
    elif invalidation.state is _S.RUNNING:
        invalidation.state, invalidation.done_at = _S.DONE, now
        trail.note_done(session, invalidation, now=now)
    else:
        _note_taken_again(invalidation)
        invalidation.state, invalidation.restored_at = _S.RESTORED, now
        trail.note_restored(session, invalidation, now=now)


def _note_taken_again(invalidation: Invalidation) -> None:
    """What no longer names this invalidation was restored and then taken out again, by a person or another run."""
    missing = invalidation.took - invalidation.gave_back - sum(invalidation.left.values())
    if missing > 0:
        invalidation.left = invalidation.left | {"taken_again": missing}
