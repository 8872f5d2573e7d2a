"""Donation and DonationMove: what a donor asked to give, and each step of what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id


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
    MONTHLY = "monthly"


class MessageState(StrEnum):
    AWAITING = "awaiting"
    PUBLISHED = "published"
    REFUSED = "refused"


class Donation(Base):
    """A gift as the donor asked for it; only Stripe's word moves it past `open`.

    A monthly one is asked for once and paid many times: its state is that of all its payments together.
    """

    __tablename__ = "donation"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(None, "campaign_id", "id"),
        Index(None, "state", "created_at"),
        # The staff's list, newest first, by each of its filters.
        Index(None, "campaign_id", "created_at", "id"),
        Index(None, "campaign_id", "state", "created_at", "id"),
        Index(None, "campaign_id", "source", "created_at", "id"),
        Index(None, "campaign_id", "currency", "created_at", "id"),
        Index(None, "campaign_id", "frequency", "created_at", "id"),
        Index(
            None,
            "campaign_id",
            "message_state",
            "id",
            sqlite_where=text("message_state IS NOT NULL"),
            postgresql_where=text("message_state IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    state: Mapped[DonationState] = mapped_column(state_column(DonationState), default=DonationState.CREATED)
    frequency: Mapped[Frequency] = mapped_column(state_column(Frequency), default=Frequency.ONCE)
    amount_minor: Mapped[int] = mapped_column(doc="what the card is charged (at first), fee cover included")
    fee_cover_minor: Mapped[int] = mapped_column(default=0, doc="the part added to cover the card fee")
    currency: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    message: Mapped[str] = mapped_column(default="")
    message_state: Mapped[MessageState | None] = mapped_column(
        state_column(MessageState),
        doc="of message and dedication; None where neither is; only published ones show",
    )
    in_memory_of: Mapped[str] = mapped_column(default="")
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


class DonationMove(Base):
    """One move of a donation's state, written by the function that moves it."""

    __tablename__ = "donation_move"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    from_state: Mapped[DonationState | None] = mapped_column(state_column(DonationState))
    to_state: Mapped[DonationState] = mapped_column(state_column(DonationState))
    cause: Mapped[str] = mapped_column(doc="an event (evt_…), or who asked Stripe: form, page, sync, refund")
    at: Mapped[datetime]
