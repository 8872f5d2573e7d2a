"""Demand: what is asked, in each of its versions; and what who is asked has answered."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, state_column


class Demand(Base):
    """One version of the petition's wording. Signatures belong to the version they were given to."""

    __tablename__ = "demand"
    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(doc="Markdown, as a rule a numbered list")
    note: Mapped[str] = mapped_column(default="", doc="public: what changed and why")
    created_at: Mapped[datetime]


class AnswerState(StrEnum):
    """What who is asked says to one point of the demand."""

    NONE = "none"
    REFUSED = "refused"
    PARTLY_AGREED = "partly_agreed"
    AGREED = "agreed"


class Answer(Base):
    """What who is asked has said as a whole, to one version of the demand. Without a row there is nothing to tell."""

    __tablename__ = "answer"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"), doc="the wording that was answered")
    asked_on: Mapped[date | None] = mapped_column(Date())
    text: Mapped[str] = mapped_column(default="", doc="Markdown: the full answer")
    updated_at: Mapped[datetime]
    edition: Mapped[int] = mapped_column(doc="raised by every edit; a stale edit is refused")


class AnsweredPoint(Base):
    """The answer to one point of the demand, by its number in the list."""

    __tablename__ = "answered_point"
    __table_args__ = (CheckConstraint("number > 0", name="number_positive"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[AnswerState] = mapped_column(state_column(AnswerState))
    answered_on: Mapped[date | None] = mapped_column(Date())
    text: Mapped[str] = mapped_column(default="", doc="in a sentence or two")
