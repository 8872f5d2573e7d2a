"""StripeEvent: the inbox."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.leases import Leased


class EventState(StrEnum):
    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    FAILED = "failed"


class StripeEvent(Leased, Base):
    """A webhook as received: which event and what it is about. What happened is asked when it is applied."""

    __tablename__ = "stripe_event"
    __table_args__ = (Index(None, "state", "available_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True, doc="Stripe's evt_…")
    type: Mapped[str]
    object_type: Mapped[str] = mapped_column(default="", doc="what the event carried: charge, invoice, …")
    object_id: Mapped[str] = mapped_column(doc="what to ask Stripe about")
    state: Mapped[EventState] = mapped_column(state_column(EventState), default=EventState.RECEIVED)
    ignored_reason: Mapped[str] = mapped_column(default="", doc="why nothing was done, for an ignored one")
    received_at: Mapped[datetime] = mapped_column(index=True)
    processed_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="", doc="what went wrong last; holds nothing personal")
