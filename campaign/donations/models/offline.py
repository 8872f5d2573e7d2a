"""OfflineGift and OfflineFile: money that came without Stripe, as staff enters it by hand or from files."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id


class OfflineMethod(StrEnum):
    CASH = "cash"
    CHEQUE = "cheque"
    BANK_TRANSFER = "bank_transfer"


class OfflineFile(Base):
    """A file whose rows were entered as gifts. Its bytes are known until it is taken back, and are not kept."""

    __tablename__ = "offline_file"
    __table_args__ = (UniqueConstraint("campaign_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    sha256: Mapped[str | None] = mapped_column(doc="of the bytes; None once taken back, so that it may come again")
    file_name: Mapped[str]
    gift_count: Mapped[int]
    stored_by: Mapped[str]
    stored_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    taken_back_reason: Mapped[str] = mapped_column(default="")


class OfflineGift(Base):
    """A gift in cash, by cheque or by bank transfer. It counts as long as it is not voided; the row stays.

    Who gave it, and what was noted, are for staff alone.
    """

    __tablename__ = "offline_gift"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(None, "campaign_id", "given_on"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    form_key: Mapped[str | None] = mapped_column(unique=True, doc="a double click enters one gift")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("offline_file.id"), index=True)
    method: Mapped[OfflineMethod] = mapped_column(state_column(OfflineMethod))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    given_on: Mapped[date] = mapped_column(Date())
    name: Mapped[str] = mapped_column(doc="empty where nobody is known")
    email: Mapped[str] = mapped_column(doc="empty where none is known; nothing is mailed to it")
    email_key: Mapped[str | None] = mapped_column(index=True, doc="of the address, so that its owner finds the gift")
    note: Mapped[str]
    edition: Mapped[int] = mapped_column(doc="goes up with each correction")
    created_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    voided_reason: Mapped[str] = mapped_column(default="")
