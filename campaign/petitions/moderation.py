"""What moderators decide: about signatures (through the moves that there are) and, apart from that, about comments.

A decision is made about what the moderator saw: each signature may come with the edition that the list showed, and one
that has moved on since is left alone. Every decision is one row of the trail for each signature it changed, written
with the change, and for a day it can be undone (`undoing.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, case, insert, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.errors import DomainError, NotFound
from campaign.petitions.models import CommentState, DecidedSignature, Decision, RemovalReason, Signature, SignatureState
from campaign.petitions.signing import resend_confirmation
from campaign.petitions.transitions import Move, has_edition, move

MOST_AT_ONCE = 500


class ModerationAction(StrEnum):
    HOLD = "hold"
    RELEASE = "release"
    INVALIDATE = "invalidate"
    RESTORE = "restore"
    PUBLISH_COMMENT = "publish_comment"
    REFUSE_COMMENT = "refuse_comment"
    RELEASE_AND_PUBLISH = "release_and_publish"
    RELEASE_AND_REFUSE = "release_and_refuse"
    RESEND = "resend"


_A = ModerationAction
MOVES = {
    _A.HOLD: Move.HOLD, _A.RELEASE: Move.RELEASE, _A.INVALIDATE: Move.INVALIDATE, _A.RESTORE: Move.RESTORE,
    _A.RELEASE_AND_PUBLISH: Move.RELEASE, _A.RELEASE_AND_REFUSE: Move.RELEASE,
}  # fmt: skip
_COMMENTS = {
    _A.PUBLISH_COMMENT: CommentState.PUBLISHED, _A.REFUSE_COMMENT: CommentState.REFUSED,
    _A.RELEASE_AND_PUBLISH: CommentState.PUBLISHED, _A.RELEASE_AND_REFUSE: CommentState.REFUSED,
}  # fmt: skip


class ReasonMissing(DomainError):
    """The decision takes somebody's signature out of the count, so it needs a reason."""


class TooMany(DomainError):
    """More signatures than one decision may be about."""


@dataclass(frozen=True)
class Outcome:
    """Of the signatures `asked` about, how many a decision changed, and the ids of this campaign's that it left alone.

    `decision_id` is there where something changed that can be undone.
    """

    asked: int
    changed: int
    left_alone: Sequence[int] = ()
    decision_id: int | None = None


@dataclass(frozen=True)
class _Order:
    campaign_id: int
    action: ModerationAction
    reason: str
    actor: str
    now: datetime
    removal_reason: RemovalReason


def moderate(
    session: Session,
    *,
    campaign_id: int,
    ids: Sequence[int],
    action: ModerationAction,
    reason: str,
    actor: str,
    now: datetime,
    editions: Mapping[int, int] | None = None,
    removal_reason: RemovalReason = RemovalReason.CHECKED,
) -> Outcome:
    """Carry out one decision about some signatures of a campaign, as far as it still applies to each.

    A signature for which `editions` names one is left alone where it has another by now. Of those that are invalidated
    the public is told `removal_reason`. Raises NotFound where none of the ids is one of this campaign's, ReasonMissing
    where invalidating without a reason, TooMany past MOST_AT_ONCE.
    """
    if action is _A.INVALIDATE and not reason:
        raise ReasonMissing("Say why.")
    asked = sorted(set(ids))
    if len(asked) > MOST_AT_ONCE:
        raise TooMany("Decide about fewer signatures at once.")
    before = _locked(session, campaign_id, asked)
    if not before:
        raise NotFound("There are no such signatures.")
    seen = editions or {}
    as_seen = {row.id: row.edition for row in before.values() if seen.get(row.id, row.edition) == row.edition}
    order = _Order(campaign_id, action, reason, actor, now, removal_reason)
    changed = sorted(_carry_out(session, as_seen, order))
    left_alone = [row_id for row_id in before if row_id not in changed]
    decision_id = None
    if changed and action is not _A.RESEND:
        decision_id = _keep_for_undoing(session, [before[row_id] for row_id in changed], order)
    for row_id in changed:
        _record(session, before[row_id], order)
    return Outcome(asked=len(asked), changed=len(changed), left_alone=left_alone, decision_id=decision_id)


def _locked(session: Session, campaign_id: int, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Those of the signatures that are this campaign's, as they stand; nobody changes them until the commit."""
    rows = session.execute(
        select(
            Signature.id, Signature.edition, Signature.state, Signature.held_for, Signature.comment_state,
            Signature.decision_reason,
        )
        .where(Signature.campaign_id == campaign_id, Signature.id.in_(ids))
        .order_by(Signature.id)  # the same order everywhere, so that two bulk decisions cannot deadlock
        .with_for_update()
    )  # fmt: skip
    return {row.id: row for row in rows.all()}  # type: ignore[misc]


def _carry_out(session: Session, editions: Mapping[int, int], order: _Order) -> Sequence[int]:
    """The ids that changed."""
    carry_out: Callable[[Session, Mapping[int, int], _Order], Sequence[int]] = _decide_comments
    if order.action in MOVES:
        carry_out = _move
    elif order.action is _A.RESEND:
        carry_out = _resend
    return carry_out(session, editions, order)


def _move(session: Session, editions: Mapping[int, int], order: _Order) -> Sequence[int]:
    values: dict[str, Any] = {"decision_reason": order.reason}
    if order.action is _A.INVALIDATE:
        values["removal_reason"] = order.removal_reason
    if order.action in _COMMENTS:
        values["comment_state"] = case((Signature.comment_state.is_not(None), _COMMENTS[order.action]))
    moved = move(
        session, list(editions), campaign_id=order.campaign_id, by=MOVES[order.action], now=order.now,
        editions=editions, **values,
    )  # fmt: skip
    return list(moved)


def _decide_comments(session: Session, editions: Mapping[int, int], order: _Order) -> Sequence[int]:
    target = _COMMENTS[order.action]
    return session.scalars(
        update(Signature)
        .where(Signature.id.in_(list(editions)), has_edition(editions))
        .where(Signature.comment_state.is_not(None), Signature.comment_state != target)
        .values(comment_state=target, edition=Signature.edition + 1)
        .returning(Signature.id)
        .execution_options(synchronize_session=False)
    ).all()


def _resend(session: Session, editions: Mapping[int, int], order: _Order) -> Sequence[int]:
    """Queue the mail again; the ids are those for which one was queued, as the day's limit of each address allows."""
    pending = session.scalars(
        select(Signature.id)
        .where(Signature.id.in_(list(editions)), Signature.state == SignatureState.PENDING)
        .order_by(Signature.id)
    ).all()
    return [row_id for row_id in pending if resend_confirmation(session, row_id, now=order.now)]


def _keep_for_undoing(session: Session, rows: Sequence[Row[Any]], order: _Order) -> int:
    decision = Decision(
        campaign_id=order.campaign_id, actor=order.actor, action=order.action.value, changed=len(rows),
        created_at=order.now,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    session.execute(
        insert(DecidedSignature),
        [
            {
                "decision_id": decision.id,
                "signature_id": row.id,
                "edition": row.edition + 1,
                "state": row.state,
                "held_for": row.held_for,
                "comment_state": row.comment_state,
                "decision_reason": row.decision_reason,
            }
            for row in rows
        ],
    )
    return decision.id


def _record(session: Session, before: Row[Any], order: _Order) -> None:
    about_comment = order.action in _COMMENTS and order.action not in MOVES
    details: dict[str, Any] = {"before": before.comment_state.value if about_comment else before.state.value}
    if order.action is not _A.RESEND:
        details["edition"] = before.edition + 1  # tells whether the signature still stands as this decision left it
    record(
        session, actor=order.actor, action=f"signature.{order.action.value}", object_type="signature",
        object_id=before.id, now=order.now, campaign_id=order.campaign_id, reason=order.reason, **details,
    )  # fmt: skip
