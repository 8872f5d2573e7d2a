"""Dispute: a cardholder contests a payment at their bank."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column


class DisputeState(StrEnum):
    """As Stripe names them (docs.stripe.com/api/disputes/object#dispute_object-status)."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    PREVENTED = "prevented"
    WON = "won"
    LOST = "lost"


# Stripe takes the money when a dispute is opened and gives it back when it is won. A warning is only a question.
UNDER_WAY = frozenset({DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW})
TAKES_MONEY = UNDER_WAY | {DisputeState.LOST}


class Dispute(Base):
    """A contested payment, as Stripe tells of it."""

    __tablename__ = "dispute"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    stripe_id: Mapped[str] = mapped_column(unique=True, doc="Stripe's du_…")
    state: Mapped[DisputeState] = mapped_column(state_column(DisputeState), index=True)
    amount_minor: Mapped[int] = mapped_column(doc="in the payment's currency")
    fee_minor: Mapped[int] = mapped_column(default=0, doc="what Stripe took for it, in the currency of the balance")
    reason: Mapped[str] = mapped_column(doc="Stripe's reason code")
    due_by: Mapped[datetime | None] = mapped_column(doc="until when the dashboard takes an answer")
    opened_at: Mapped[datetime]
    state_changed_at: Mapped[datetime]
