"""What a person has to look at: objects that match nothing, alarms, and the runs that compare us with Stripe."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.leases import Leased


class AlarmKind(StrEnum):
    CHARGED_AFTER_CANCEL = "charged_after_cancel"
    PAID_DIFFERS = "paid_differs"  # another amount or currency than was asked for
    FRAUD_WARNING = "fraud_warning"  # Stripe's early fraud warning
    REFUND_FAILED = "refund_failed"  # the bank sent the money back to us
    REFUND_REFUSED = "refund_refused"  # Stripe would not do it
    CHANGE_REFUSED = "change_refused"  # Stripe would not change or end a monthly gift
    CARD_TESTING = "card_testing"  # a burst of declined cards: giving asks for a puzzle, or is paused


class SyncState(StrEnum):
    WANTED = "wanted"
    DONE = "done"
    FAILED = "failed"


class UnmatchedObject(Base):
    """Money or a subscription that Stripe has and we do not. Listed until somebody says what it is."""

    __tablename__ = "unmatched_object"
    __table_args__ = (Index(None, "resolved_at", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(doc="charge, refund, dispute, subscription, …")
    stripe_id: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    happened_at: Mapped[datetime]
    first_seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str] = mapped_column(default="", doc="a staff member's address; sync, where it found its place")
    note: Mapped[str] = mapped_column(default="")


class Alarm(Base):
    """Something about money of ours that a person must see. Raised once for each subject."""

    __tablename__ = "alarm"
    __table_args__ = (UniqueConstraint("kind", "subject"), Index(None, "resolved_at", "id"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    kind: Mapped[AlarmKind] = mapped_column(state_column(AlarmKind))
    subject: Mapped[str] = mapped_column(doc="Stripe's id of what it is about; of a burst, where and since when")
    donation_id: Mapped[int | None] = mapped_column(ForeignKey("donation.id"), index=True)
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")


class SyncRun(Leased, Base):
    """One comparison with Stripe, asked for by a person or by the timetable, which asks once for each `slot`."""

    __tablename__ = "sync_run"
    __table_args__ = (Index(None, "state", "available_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slot: Mapped[str] = mapped_column(unique=True)
    days: Mapped[int] = mapped_column(doc="how far back to look")
    asked_by: Mapped[str]
    state: Mapped[SyncState] = mapped_column(state_column(SyncState), default=SyncState.WANTED)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    missed_events: Mapped[int] = mapped_column(default=0, doc="events that had never reached us")
    settled: Mapped[int] = mapped_column(default=0, doc="donations and payments asked about and written down")
    unmatched: Mapped[int] = mapped_column(default=0, doc="objects newly found that match nothing")
    error: Mapped[str] = mapped_column(default="")
