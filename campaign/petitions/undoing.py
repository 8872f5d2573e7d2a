"""Taking a decision back: exactly those signatures that still stand where it left them go back to where they stood.

Each way back is one of the moves that there are. A signature that has moved on since belongs to whoever moved it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaign.audit.trail import record
from campaign.core.errors import DomainError, NotFound
from campaign.petitions.models import DecidedSignature, Decision, Signature
from campaign.petitions.moderation import MOVES, ModerationAction, Outcome
from campaign.petitions.transitions import Move, has_edition, move

UNDO_LIFE = timedelta(days=1)
DECISIONS_AT_ONCE = 20

_BACK = {Move.HOLD: Move.RELEASE, Move.RELEASE: Move.HOLD, Move.INVALIDATE: Move.RESTORE, Move.RESTORE: Move.INVALIDATE}


class AlreadyUndone(DomainError):
    """The decision was taken back before."""


def find_latest(session: Session, campaign_id: int, *, actor: str, now: datetime) -> Decision | None:
    """The person's latest decision in the campaign that can still be undone."""
    return session.scalar(
        _of(campaign_id, actor, now).where(Decision.undone_at.is_(None)).order_by(Decision.id.desc()).limit(1)
    )


def undo(session: Session, decision_id: int, *, campaign_id: int, actor: str, now: datetime) -> Outcome:
    """Take back one's own decision, for the signatures that nobody changed since.

    Raises NotFound for another's, another campaign's or one older than UNDO_LIFE; AlreadyUndone for one taken back.
    """
    decision = session.scalar(_of(campaign_id, actor, now).where(Decision.id == decision_id).with_for_update())
    if decision is None:
        raise NotFound("There is no such decision to undo.")
    if decision.undone_at is not None:
        raise AlreadyUndone("This was undone before.")
    decision.undone_at = now
    session.flush()
    rows = session.execute(
        select(DecidedSignature.signature_id, DecidedSignature.edition)
        .where(DecidedSignature.decision_id == decision_id)
        .order_by(DecidedSignature.signature_id)
    ).all()
    editions = {row.signature_id: row.edition for row in rows}
    back = _put_back(session, decision, editions, now)
    for row_id in sorted(back):
        record(
            session, actor=actor, action="signature.undo", object_type="signature", object_id=row_id, now=now,
            campaign_id=campaign_id, undone=decision.action, edition=editions[row_id] + 1,
        )  # fmt: skip
    left_alone = [row_id for row_id in editions if row_id not in back]
    return Outcome(asked=decision.changed, changed=len(back), left_alone=left_alone)


def is_anything_old(session: Session, *, now: datetime) -> bool:
    """True where a decision is too old to be undone; a plain read, so that an idle worker takes no write lock."""
    return session.scalar(_too_old(now).limit(1)) is not None


def forget_decisions(session: Session, *, now: datetime) -> int:
    """Forget a batch of decisions that are too old to be undone; gives how many."""
    ids = session.scalars(_too_old(now).limit(DECISIONS_AT_ONCE)).all()
    session.execute(delete(DecidedSignature).where(DecidedSignature.decision_id.in_(ids)))
    session.execute(delete(Decision).where(Decision.id.in_(ids)))
    return len(ids)


def _too_old(now: datetime) -> Select[int]:
    return select(Decision.id).where(Decision.created_at < now - UNDO_LIFE).order_by(Decision.created_at)


def _of(campaign_id: int, actor: str, now: datetime) -> Select[Decision]:
    return select(Decision).where(
        Decision.campaign_id == campaign_id, Decision.actor == actor, Decision.created_at >= now - UNDO_LIFE
    )


def _put_back(session: Session, decision: Decision, editions: Mapping[int, int], now: datetime) -> set[int]:
    """The ids that went back."""
    before: dict[str, Any] = {"comment_state": _before(decision, DecidedSignature.comment_state)}
    if (moved_by := MOVES.get(ModerationAction(decision.action))) is not None:
        before |= {
            "held_for": _before(decision, DecidedSignature.held_for),
            "decision_reason": _before(decision, DecidedSignature.decision_reason),
            # Both outlive being put back, so that taking that back says again what had taken it out, and why.
            "invalidation_id": Signature.invalidation_id,
            "removal_reason": Signature.removal_reason,
        }
        back = move(
            session, list(editions), campaign_id=decision.campaign_id, by=_BACK[moved_by], now=now, editions=editions,
            **before,
        )  # fmt: skip
        return set(back)
    return set(
        session.scalars(
            update(Signature)
            .where(Signature.id.in_(list(editions)), has_edition(editions))
            .values(**before, edition=Signature.edition + 1)
            .returning(Signature.id)
            .execution_options(synchronize_session=False)
        )
    )


def _before(decision: Decision, column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """What the column held before the decision, for the signature being put back."""
    return (
        select(column)
        .where(DecidedSignature.decision_id == decision.id, DecidedSignature.signature_id == Signature.id)
        .scalar_subquery()
    )
