"""What moderators decide: about signatures (through the moves that there are) and, apart from that, about comments.

Every decision is one row of the trail for each signature it changed, written with the change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.errors import DomainError, NotFound
from campaign.petitions.models import CommentState, Signature, SignatureState
from campaign.petitions.signing import resend_confirmation
from campaign.petitions.transitions import Move, move

MOST_AT_ONCE = 500


class ModerationAction(StrEnum):
    HOLD = "hold"
    RELEASE = "release"
    INVALIDATE = "invalidate"
    RESTORE = "restore"
    PUBLISH_COMMENT = "publish_comment"
    REFUSE_COMMENT = "refuse_comment"
    RESEND = "resend"


_A = ModerationAction
_MOVES = {_A.HOLD: Move.HOLD, _A.RELEASE: Move.RELEASE, _A.INVALIDATE: Move.INVALIDATE, _A.RESTORE: Move.RESTORE}
_COMMENTS = {_A.PUBLISH_COMMENT: CommentState.PUBLISHED, _A.REFUSE_COMMENT: CommentState.REFUSED}


class ReasonMissing(DomainError):
    """The decision takes somebody's signature out of the count, so it needs a reason."""


@dataclass(frozen=True)
class Outcome:
    """How many signatures were asked for, and for how many the decision was carried out (`changed`)."""

    asked: int
    changed: int


@dataclass(frozen=True)
class _Decision:
    campaign_id: int
    action: ModerationAction
    reason: str
    now: datetime


def moderate(
    session: Session,
    *,
    campaign_id: int,
    ids: Sequence[int],
    action: ModerationAction,
    reason: str,
    actor: str,
    now: datetime,
) -> Outcome:
    """Carry out one decision about some signatures of a campaign, as far as it still applies to each.

    Raises NotFound where none of the ids is one of this campaign's, ReasonMissing where invalidating without a reason.
    """
    if action is _A.INVALIDATE and not reason:
        raise ReasonMissing("Say why.")
    asked = sorted(set(ids))[:MOST_AT_ONCE]
    ours = session.scalars(
        select(Signature.id).where(Signature.campaign_id == campaign_id, Signature.id.in_(asked))
    ).all()
    if not ours:
        raise NotFound("There are no such signatures.")
    changed = _carry_out(session, sorted(ours), _Decision(campaign_id, action, reason, now))
    for signature_id, before in sorted(changed.items()):
        record(
            session, actor=actor, action=f"signature.{action.value}", object_type="signature", object_id=signature_id,
            now=now, campaign_id=campaign_id, reason=reason, before=before,
        )  # fmt: skip
    return Outcome(asked=len(asked), changed=len(changed))


def _carry_out(session: Session, ids: Sequence[int], decision: _Decision) -> dict[int, str]:
    """The ids that changed, each with the state that it left."""
    carry_out: Callable[[Session, Sequence[int], _Decision], dict[int, str]] = _move
    if decision.action in _COMMENTS:
        carry_out = _decide_comments
    elif decision.action is _A.RESEND:
        carry_out = _resend
    return carry_out(session, ids, decision)


def _move(session: Session, ids: Sequence[int], decision: _Decision) -> dict[int, str]:
    by = _MOVES[decision.action]
    moved = move(
        session, ids, campaign_id=decision.campaign_id, by=by, now=decision.now, decision_reason=decision.reason
    )
    return {row_id: state.value for row_id, state in moved.items()}


def _decide_comments(session: Session, ids: Sequence[int], decision: _Decision) -> dict[int, str]:
    target = _COMMENTS[decision.action]
    waiting = (Signature.id.in_(ids), Signature.comment_state.is_not(None), Signature.comment_state != target)
    before = dict(
        session.execute(
            select(Signature.id, Signature.comment_state).where(*waiting).order_by(Signature.id).with_for_update()
        ).all()
    )
    session.execute(
        update(Signature)
        .where(Signature.id.in_(before))
        .values(comment_state=target, edition=Signature.edition + 1)
        .execution_options(synchronize_session=False)
    )
    return {row_id: state.value for row_id, state in before.items() if state is not None}


def _resend(session: Session, ids: Sequence[int], decision: _Decision) -> dict[int, str]:
    """Queue the mail again; the ids are those for which one was queued, as the day's limit of each address allows."""
    pending = session.scalars(
        select(Signature.id)
        .where(Signature.id.in_(ids), Signature.state == SignatureState.PENDING)
        .order_by(Signature.id)
    ).all()
    queued = [row_id for row_id in pending if resend_confirmation(session, row_id, now=decision.now)]
    return dict.fromkeys(queued, SignatureState.PENDING.value)
