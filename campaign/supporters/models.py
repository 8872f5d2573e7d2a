"""Supporter, Consent, Subscription; Mailing and its texts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.leases import Leased


class Supporter(Base):
    """A mailbox whose owner pressed a mailed link and asked for news."""

    __tablename__ = "supporter"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    created_at: Mapped[datetime]


class Consent(Base):
    """One yes: to which wording, when, and through what (`signature`, `donation`, `preferences`)."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    wording_version: Mapped[str]
    channel: Mapped[str]
    given_at: Mapped[datetime]


class Subscription(Base):
    """A supporter is mailed a campaign's updates while `ended_at` is empty."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("supporter_id", "campaign_id"),
        Index(None, "campaign_id", "id"),
        # Links in mails name a subscription for years: its number must not become somebody else's.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_mailing_id: Mapped[int | None] = mapped_column(
        ForeignKey("mailing.id"), index=True, doc="the mailing whose link ended it, if one did"
    )


class MailingState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    SENT = "sent"


class Donors(StrEnum):
    """Whether those who gave are written to."""

    ANY = "any"
    GAVE = "gave"
    NOT_YET = "not_yet"


class Mailing(Leased, Base):
    """One mail to many supporters of a campaign: to whom, when, and how far it has come.

    Its list is made in the order of subscriptions, from `cursor` on; the figures are counted by a worker now and then.
    """

    __tablename__ = "mailing"
    __table_args__ = (Index(None, "campaign_id", "id"), Index(None, "state", "available_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    update_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_update.id"), index=True)
    state: Mapped[MailingState] = mapped_column(state_column(MailingState), default=MailingState.DRAFT)
    country: Mapped[str] = mapped_column(default="", doc="only signers from there; empty for all")
    source: Mapped[str] = mapped_column(default="", doc="only those whom this article brought; empty for all")
    donors: Mapped[Donors] = mapped_column(state_column(Donors), default=Donors.ANY)
    send_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None] = mapped_column(doc="who subscribes after it is not written to")
    made_at: Mapped[datetime | None] = mapped_column(doc="when the list was complete")
    finished_at: Mapped[datetime | None]
    cursor: Mapped[int] = mapped_column(BigKey, default=0, doc="the last subscription looked at")
    made: Mapped[int] = mapped_column(default=0, doc="how many are on the list so far")
    sent: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0, doc="no longer to be written to when their turn came")
    counted_at: Mapped[datetime | None]
    edition: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str]
    created_at: Mapped[datetime]

    texts: Mapped[list["MailingText"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="MailingText.id"
    )

    @property
    def queued(self) -> int:
        """How many are still to be sent, as of `counted_at`."""
        return max(self.made - self.sent - self.refused - self.left_out, 0)


class MailingText(Base):
    """Subject and text (Markdown) of a mailing in one language."""

    __tablename__ = "mailing_text"
    __table_args__ = (UniqueConstraint("mailing_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"))
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
