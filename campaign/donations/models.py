"""Donation, Payment, StripeEvent: columns, constraints and plain predicates. Amounts are integer minor units."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.leases import Leased


class DonationState(StrEnum):
    CREATED = "created"
    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELED = "canceled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


class Frequency(StrEnum):
    ONCE = "once"


class EventState(StrEnum):
    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    FAILED = "failed"


class Donation(Base):
    """A gift as the donor asked for it; only Stripe's word moves it past `open`."""

    __tablename__ = "donation"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(None, "campaign_id", "id"),
        Index(None, "state", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    state: Mapped[DonationState] = mapped_column(state_column(DonationState), default=DonationState.CREATED)
    frequency: Mapped[Frequency] = mapped_column(state_column(Frequency), default=Frequency.ONCE)
    amount_minor: Mapped[int] = mapped_column(doc="what the card is charged, fee cover included")
    fee_cover_minor: Mapped[int] = mapped_column(default=0, doc="the part added to cover the card fee")
    currency: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    message: Mapped[str] = mapped_column(default="")
    show_name: Mapped[bool] = mapped_column(default=False)
    wants_updates: Mapped[bool] = mapped_column(default=False)
    consent_version: Mapped[str]
    language: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
    form_key: Mapped[str] = mapped_column(unique=True, doc="one-use key of the form: a double click makes one gift")
    checkout_session: Mapped[str | None] = mapped_column(unique=True, doc="Stripe's cs_…")
    checkout_url: Mapped[str | None]
    created_at: Mapped[datetime]
    state_changed_at: Mapped[datetime]
    told_at: Mapped[datetime | None] = mapped_column(doc="when Stripe's word was last applied")


class Payment(Base):
    """Money that Stripe says has arrived. Totals are sums over these rows, less what was refunded or lost."""

    __tablename__ = "payment"
    __table_args__ = (Index(None, "campaign_id", "currency"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    payment_intent: Mapped[str] = mapped_column(unique=True, doc="Stripe's pi_…")
    amount_minor: Mapped[int]
    refunded_minor: Mapped[int] = mapped_column(default=0)
    disputed: Mapped[bool] = mapped_column(default=False, doc="contested and not won, so not counted")
    mismatched: Mapped[bool] = mapped_column(default=False, doc="not the amount or currency asked for; not counted")
    currency: Mapped[str]
    paid_at: Mapped[datetime]


class StripeEvent(Leased, Base):
    """A webhook as received: which event and what it is about. What happened is asked when it is applied."""

    __tablename__ = "stripe_event"
    __table_args__ = (Index(None, "state", "available_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True, doc="Stripe's evt_…")
    type: Mapped[str]
    object_id: Mapped[str]
    state: Mapped[EventState] = mapped_column(state_column(EventState), default=EventState.RECEIVED)
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
