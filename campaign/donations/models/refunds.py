"""Refund: money that goes back to a donor, whether it was asked for here or in Stripe's dashboard."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.leases import Leased


class RefundState(StrEnum):
    WANTED = "wanted"  # asked for here; Stripe has not confirmed it yet
    REFUSED = "refused"  # Stripe said no
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


# Money that is not ours any more. A pending refund has left the balance already; a failed one comes back.
TAKEN_BACK = frozenset({RefundState.PENDING, RefundState.REQUIRES_ACTION, RefundState.SUCCEEDED})


class Refund(Leased, Base):
    """Money going back, at once in full or in part. One that we want is a row before Stripe hears of it."""

    __tablename__ = "refund"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id, doc="travels in Stripe's metadata")
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    stripe_id: Mapped[str | None] = mapped_column(unique=True, doc="Stripe's re_…")
    form_key: Mapped[str | None] = mapped_column(unique=True, doc="a double click asks for one refund")
    state: Mapped[RefundState] = mapped_column(state_column(RefundState), index=True)
    amount_minor: Mapped[int] = mapped_column(doc="in the payment's currency")
    reason: Mapped[str] = mapped_column(default="", doc="why, in the words of who asked; empty from the dashboard")
    requested_by: Mapped[str] = mapped_column(default="", doc="a staff member's address; empty from the dashboard")
    error: Mapped[str] = mapped_column(default="", doc="why Stripe refused, or why the bank sent it back")
    created_at: Mapped[datetime]
    state_changed_at: Mapped[datetime]
