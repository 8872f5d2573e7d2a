"""Goal and Threshold: how many signatures are hoped for, and at which numbers the staff wants to know."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base


class Goal(Base):
    """One goal of a campaign, present or past. The latest is the present one, and `Campaign.goal` says the same."""

    __tablename__ = "goal"
    __table_args__ = (CheckConstraint("count > 0", name="count_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    count: Mapped[int]
    note: Mapped[str] = mapped_column(default="", doc="public: why it was changed")
    set_at: Mapped[datetime]
    reached_at: Mapped[datetime | None]


class Threshold(Base):
    """A number of confirmed signatures at which the campaign's staff is written to, once."""

    __tablename__ = "threshold"
    __table_args__ = (UniqueConstraint("campaign_id", "count"), CheckConstraint("count > 0", name="count_positive"))

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    count: Mapped[int]
    label: Mapped[str] = mapped_column(doc="what is due then, like: the council must answer")
    reached_at: Mapped[datetime | None]


class ThresholdNotice(Base):
    """That somebody of the staff is written to about a threshold: one row, and so one mail, for each."""

    __tablename__ = "threshold_notice"
    __table_args__ = (UniqueConstraint("threshold_id", "staff_user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    threshold_id: Mapped[int] = mapped_column(ForeignKey("threshold.id"))
    staff_user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
