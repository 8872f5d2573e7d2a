"""Decision and DecidedSignature: what a moderator did last, kept for as long as it may be undone.

The trail says for good who decided what; these rows only hold what undoing needs, and go after a day.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.petitions.models.signatures import CommentState, Signal, SignatureState


class Decision(Base):
    """One press of a button about some signatures. `action` is a ModerationAction."""

    __tablename__ = "decision"
    __table_args__ = (Index(None, "campaign_id", "actor", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    actor: Mapped[str]
    action: Mapped[str]
    changed: Mapped[int] = mapped_column(doc="for how many it was carried out")
    created_at: Mapped[datetime] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]


class DecidedSignature(Base):
    """How a signature stood before a decision, and the edition that the decision gave it."""

    __tablename__ = "decided_signature"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), primary_key=True)
    signature_id: Mapped[int] = mapped_column(
        ForeignKey("signature.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    edition: Mapped[int]
    state: Mapped[SignatureState] = mapped_column(state_column(SignatureState))
    held_for: Mapped[Signal | None] = mapped_column(state_column(Signal))
    comment_state: Mapped[CommentState | None] = mapped_column(state_column(CommentState))
    decision_reason: Mapped[str]
