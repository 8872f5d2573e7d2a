"""DataAccess and DataRequest; RetentionPolicy, RetentionWalk and RetentionReport."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id


class DataAccess(Base):
    """A mailbox that was mailed a link to its own data. Links name this row; it goes when none of them works."""

    __tablename__ = "data_access"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    email_key: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1, doc="raising it voids the links mailed so far")
    asked_at: Mapped[datetime] = mapped_column(index=True, doc="when a link was asked for last")


class RequestKind(StrEnum):
    ACCESS = "access"
    CORRECTION = "correction"
    HIDING = "hiding"
    WITHDRAWAL = "withdrawal"
    ERASURE = "erasure"
    OBJECTION = "objection"


class RequestState(StrEnum):
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class DataRequest(Base):
    """A request that reached the staff by letter, mail or telephone. The law gives one month.

    The address stands here while the request is open; afterwards its keyed hash does, as proof that it was answered.
    """

    __tablename__ = "data_request"
    __table_args__ = (Index(None, "state", "due_on"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    kind: Mapped[RequestKind] = mapped_column(state_column(RequestKind))
    state: Mapped[RequestState] = mapped_column(state_column(RequestState), default=RequestState.OPEN)
    email: Mapped[str] = mapped_column(default="", doc="empty once it was answered")
    email_key: Mapped[str] = mapped_column(index=True)
    received_on: Mapped[date] = mapped_column(Date())
    due_on: Mapped[date] = mapped_column(Date())
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    closed_by: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(default="", doc="what was answered and how the person was recognised")


class RetentionPolicy(Base):
    """How long a campaign keeps what people gave it, in days; a campaign without a row has the usual periods."""

    __tablename__ = "retention_policy"
    __table_args__ = (
        CheckConstraint("signature_days > 0", name="signature_days_positive"),
        CheckConstraint("supporter_days > 0", name="supporter_days_positive"),
        CheckConstraint("gift_days > 0", name="gift_days_positive"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    signature_days: Mapped[int] = mapped_column(doc="from the end of the campaign until nobody knows who signed")
    supporter_days: Mapped[int] = mapped_column(doc="from the end of the campaign until its supporters are deleted")
    gift_days: Mapped[int] = mapped_column(doc="from a gift's last payment until nobody knows who gave")
    edition: Mapped[int] = mapped_column(default=1, doc="raised by every change; a stale one is refused")
    set_by: Mapped[str]
    set_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": edition}  # noqa: RUF012 - SQLAlchemy's declarative form


class RetentionStep(StrEnum):
    """What retention does, in the order of a signature's life and then of a gift's."""

    UNCONFIRMED = "unconfirmed"
    NETWORKS = "networks"
    WITHDRAWN = "withdrawn"
    SIGNATURES = "signatures"
    SUBSCRIPTIONS = "subscriptions"
    SUPPORTERS = "supporters"
    UNPAID_GIFTS = "unpaid_gifts"
    GIFTS = "gifts"
    DECLARATIONS = "declarations"


class RetentionWalk(Base):
    """How far the signatures of a campaign that is over are anonymised: a killed run goes on from here."""

    __tablename__ = "retention_walk"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    cursor: Mapped[int] = mapped_column(BigKey, doc="the last signature looked at")


class RetentionReport(Base):
    """How much was forgotten on one day (UTC), by campaign and step; added to by each batch, in its own transaction."""

    __tablename__ = "retention_report"

    day: Mapped[date] = mapped_column(Date(), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    step: Mapped[RetentionStep] = mapped_column(state_column(RetentionStep), primary_key=True)
    forgotten: Mapped[int] = mapped_column(default=0)
