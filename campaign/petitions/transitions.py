"""The moves of a signature, and there are no others. Each is one UPDATE that names the state it starts from.

A move writes its own delta row in the same transaction, so the count is true at once and no row is hot. Taking out and
putting back also adds to what the public is told of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true, update
from sqlalchemy.orm import Session

from campaign.petitions import deltas, removals
from campaign.petitions.models import RemovalReason, Signal, Signature, SignatureState

_S = SignatureState
# What is told of the signature with a move: by its delta, and to the public.
_TOLD = (
    Signature.id,
    Signature.campaign_id,
    Signature.demand_id,
    Signature.import_id,
    Signature.state,
    Signature.country,
    Signature.source,
    Signature.created_at,
    Signature.confirmed_at,
    Signature.email,
    Signature.network_hash,
    Signature.removal_reason,
)


@dataclass(frozen=True)
class _Rule:
    """From which states to which; None as target means: back to `state_before`."""

    sources: frozenset[SignatureState]
    target: SignatureState | None
    values: dict[str, Any] = field(default_factory=dict)


class Move(Enum):
    """What may happen to a signature, and nothing else may."""

    CONFIRM = _Rule(frozenset({_S.PENDING}), _S.CONFIRMED)
    CONFIRM_TO_HELD = _Rule(frozenset({_S.PENDING}), _S.HELD)
    HOLD = _Rule(frozenset({_S.CONFIRMED}), _S.HELD, {"held_for": Signal.MODERATOR})
    RELEASE = _Rule(frozenset({_S.HELD}), _S.CONFIRMED, {"held_for": None})
    INVALIDATE = _Rule(
        frozenset({_S.HELD, _S.CONFIRMED}),
        _S.INVALIDATED,
        {"invalidation_id": None, "removal_reason": RemovalReason.CHECKED},
    )
    RESTORE = _Rule(frozenset({_S.INVALIDATED}), None, {"state_before": None})
    WITHDRAW = _Rule(frozenset({_S.PENDING, _S.HELD, _S.CONFIRMED}), _S.WITHDRAWN)


def move(
    session: Session,
    ids: Sequence[int],
    *,
    campaign_id: int,
    by: Move,
    now: datetime,
    editions: Mapping[int, int] | None = None,
    **values: Any,
) -> dict[int, SignatureState]:
    """Move those of the signatures that stand where this move may start; `values` are set on them as well, and win.

    Gives each moved signature's id and the state it left. The others (another campaign's, moved meanwhile) are left
    alone; with `editions`, so are those whose edition is not the one given there. Must run in a writing transaction:
    rows are locked before they are read.
    """
    rule: _Rule = by.value
    as_seen = true() if editions is None else has_edition(editions)
    moved = {row_id: state for row_id, state in session.execute(_locked_states(ids, campaign_id, rule, as_seen))}  # noqa: C416 - typed
    if not moved:
        return {}
    rows = session.execute(
        update(Signature)
        .where(Signature.id.in_(moved), Signature.state.in_(rule.sources), as_seen)
        .values(**(_new_values(rule, by, now) | values))
        .returning(*_TOLD)
        .execution_options(synchronize_session=False)
    ).all()
    presses = by in (Move.CONFIRM, Move.CONFIRM_TO_HELD)
    deltas.write(session, [_delta(row, left=moved[row.id], presses=presses, now=now) for row in rows])
    if by in (Move.INVALIDATE, Move.RESTORE):
        reasons = [row.removal_reason for row in rows]
        removals.note(session, reasons, campaign_id=campaign_id, restored=by is Move.RESTORE, now=now)
    return moved


def _delta(row: Any, *, left: SignatureState, presses: bool, now: datetime) -> dict[str, Any]:
    return deltas.delta(
        campaign_id=row.campaign_id,
        demand_id=row.demand_id,
        import_id=row.import_id,
        left=left,
        reached=row.state,
        country=row.country,
        source=row.source,
        signed_at=row.created_at,
        confirmed_at=row.confirmed_at,
        now=now,
        email=row.email if presses else None,
        network_hash=row.network_hash if presses else None,
    )


def has_edition(editions: Mapping[int, int]) -> ColumnElement[bool]:
    """True for the signatures among these that still have the edition given for them."""
    ids: dict[int, list[int]] = {}
    for row_id, edition in editions.items():
        ids.setdefault(edition, []).append(row_id)
    return or_(false(), *(and_(Signature.edition == edition, Signature.id.in_(some)) for edition, some in ids.items()))


def _locked_states(
    ids: Sequence[int], campaign_id: int, rule: _Rule, as_seen: ColumnElement[bool]
) -> Select[int, SignatureState]:
    return (
        select(Signature.id, Signature.state)
        .where(
            Signature.id.in_(ids),
            Signature.campaign_id == campaign_id,
            Signature.state.in_(rule.sources),
            as_seen,
            # Restoring leads back to a known state; where the person was forgotten meanwhile, there is none.
            true() if rule.target is not None else Signature.state_before.is_not(None),
        )
        .order_by(Signature.id)  # the same order everywhere, so that two bulk moves cannot deadlock
        .with_for_update()
    )


def _new_values(rule: _Rule, by: Move, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"state_changed_at": now, "edition": Signature.edition + 1, **rule.values}
    values["state"] = rule.target if rule.target is not None else Signature.state_before
    if by is Move.INVALIDATE:
        values["state_before"] = Signature.state
    if by in (Move.CONFIRM, Move.CONFIRM_TO_HELD):
        values["confirmed_at"] = now
    return values
