"""MonthlyGift: a gift that comes back each month, what was asked to change about it, and renewals that failed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.leases import Leased


class MonthlyGiftState(StrEnum):
    """What Stripe says of the subscription: the first is `incomplete` there, `past_due` also `unpaid`."""

    STARTING = "starting"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    CANCELED = "canceled"


class ChangeKind(StrEnum):
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    AMOUNT = "amount"


class ChangeState(StrEnum):
    WANTED = "wanted"
    DONE = "done"
    REFUSED = "refused"
    SUPERSEDED = "superseded"  # another wish of the same kind came before it was done


class MonthlyGift(Base):
    """A subscription at Stripe. It counts by its paid invoices, which are payments of the donation that began it."""

    __tablename__ = "monthly_gift"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(None, "campaign_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    email_key: Mapped[str] = mapped_column(index=True, doc="the donor's, as on the donation")
    subscription: Mapped[str] = mapped_column(unique=True, doc="Stripe's sub_…")
    customer: Mapped[str] = mapped_column(doc="Stripe's cus_…")
    state: Mapped[MonthlyGiftState] = mapped_column(state_column(MonthlyGiftState))
    amount_minor: Mapped[int] = mapped_column(doc="what each month is charged from now on")
    currency: Mapped[str]
    started_at: Mapped[datetime]
    renews_at: Mapped[datetime | None] = mapped_column(doc="when the next invoice is due; None when none will come")
    cancel_asked_at: Mapped[datetime | None] = mapped_column(doc="from here on nothing may be charged")
    canceled_at: Mapped[datetime | None] = mapped_column(doc="when it ended at Stripe")
    canceled_by: Mapped[str] = mapped_column(default="", doc="donor, a staff member's address, or stripe")
    state_changed_at: Mapped[datetime]


class MonthlyGiftChange(Leased, Base):
    """Something to change about a monthly gift: kept as wanted, and tried again, until Stripe has done it."""

    __tablename__ = "monthly_gift_change"
    __table_args__ = (Index(None, "state", "available_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id, doc="the idempotency key at Stripe")
    monthly_gift_id: Mapped[int] = mapped_column(ForeignKey("monthly_gift.id"), index=True)
    kind: Mapped[ChangeKind] = mapped_column(state_column(ChangeKind))
    amount_minor: Mapped[int | None] = mapped_column(doc="the new amount, for a change of amount")
    state: Mapped[ChangeState] = mapped_column(state_column(ChangeState), default=ChangeState.WANTED)
    asked_by: Mapped[str] = mapped_column(doc="donor, a staff member's address, or stripe")
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class FailedRenewal(Base):
    """An invoice that could not be paid. The donor is told once for each, when it is written down."""

    __tablename__ = "failed_renewal"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    monthly_gift_id: Mapped[int] = mapped_column(ForeignKey("monthly_gift.id"), index=True)
    invoice: Mapped[str] = mapped_column(unique=True, doc="Stripe's in_…")
    amount_minor: Mapped[int]
    currency: Mapped[str]
    next_attempt_at: Mapped[datetime | None] = mapped_column(doc="when Stripe tries the card again, if it does")
    failed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None] = mapped_column(doc="when it was paid after all")
