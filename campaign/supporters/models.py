"""Supporter, Consent, Subscription."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey


class Supporter(Base):
    """A mailbox whose owner pressed a mailed link and asked for news."""

    __tablename__ = "supporter"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    created_at: Mapped[datetime]


class Consent(Base):
    """One yes: to which wording, when, and through what (`signature`, `donation`)."""

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
    __table_args__ = (UniqueConstraint("supporter_id", "campaign_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
