"""How many comments wait to be read."""

from collections.abc import Sequence

from sqlalchemy import Subquery, func, literal, select, union_all
from sqlalchemy.orm import Session

from campaign.petitions.models import CommentState, Signature, SignatureState

MOST_COUNTED = 100


def count_awaiting_comments(session: Session, campaign_ids: Sequence[int]) -> dict[int, int]:
    """How many comments of confirmed signatures wait for a decision, for each campaign; counted to MOST_COUNTED."""
    found = dict.fromkeys(campaign_ids, 0)
    parts = [select(literal(one), func.count()).select_from(_awaiting(one)) for one in found]
    if parts:
        found |= dict(session.execute(union_all(*parts)).all())
    return found


def _awaiting(campaign_id: int) -> Subquery:
    """The newest first: they are those that nobody has read yet."""
    # A comment is worth reading, and is shown, once its signature counts.
    query = select(Signature.id).where(
        Signature.campaign_id == campaign_id,
        Signature.comment_state == CommentState.AWAITING,
        Signature.state == SignatureState.CONFIRMED,
    )
    return query.order_by(Signature.id.desc()).limit(MOST_COUNTED).subquery()
