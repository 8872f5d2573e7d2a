"""BudgetLine and Payout: what the money is meant for, and what was passed on."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaign.campaigns.models.updates import Update
from campaign.core.database import Base
from campaign.core.identifiers import new_public_id


class BudgetLine(Base):
    """What an editor says the money is meant for: a purpose and a sum in the campaign's currency."""

    __tablename__ = "budget_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    purpose: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]


class Payout(Base):
    """Money passed on, for a purpose of the budget and perhaps for one aid delivery. Taken back, never deleted."""

    __tablename__ = "payout"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    form_key: Mapped[str] = mapped_column(unique=True, doc="one-use key of the form: a double click books one payout")
    purpose: Mapped[str] = mapped_column(default="", doc="as the budget named it at the time; empty: outside it")
    update_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_update.id"), doc="the delivery that it paid for")
    receiver: Mapped[str] = mapped_column(doc="who was paid")
    amount_minor: Mapped[int]
    currency: Mapped[str]
    paid_on: Mapped[date] = mapped_column(Date())
    created_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None] = mapped_column(doc="entered by mistake, or the money came back")
    taken_back_reason: Mapped[str] = mapped_column(default="")

    update: Mapped[Update | None] = relationship(lazy="joined")
