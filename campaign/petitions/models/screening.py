"""What a campaign's screening is set to: ScreeningRules, and the lists of who is blocked or allowed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, state_column


class ScreeningAction(StrEnum):
    """What happens to a signature that shows a signal: it waits for a moderator, is only marked, or nothing."""

    HOLD = "hold"
    MARK = "mark"
    OFF = "off"


class Listing(StrEnum):
    """Blocked beats allowed, and allowed beats limits."""

    BLOCKED = "blocked"
    ALLOWED = "allowed"


class ListSubject(StrEnum):
    NETWORK = "network"
    DOMAIN = "domain"
    ADDRESS = "address"


class ScreeningRules(Base):
    """Where a campaign's screening differs from the defaults; most campaigns have no row."""

    __tablename__ = "screening_rules"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    actions: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, doc="by signal")
    numbers: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    words: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, doc="by language: names and comments to check")
    edition: Mapped[int] = mapped_column(default=1, doc="raised by every change; a stale one is refused")
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": edition}  # noqa: RUF012 - SQLAlchemy's declarative form


class ScreeningEntry(Base):
    """One line of a campaign's lists. Networks and whole addresses are here only as keyed hashes."""

    __tablename__ = "screening_entry"
    __table_args__ = (UniqueConstraint("campaign_id", "listing", "fingerprint"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    listing: Mapped[Listing] = mapped_column(state_column(Listing))
    subject: Mapped[ListSubject] = mapped_column(state_column(ListSubject))
    shown: Mapped[str] = mapped_column(doc="how staff recognise it: the domain, the pattern, an address with dots")
    pattern: Mapped[str | None] = mapped_column(doc="with wildcards; None where keys say it all")
    note: Mapped[str] = mapped_column(default="", doc="what the person who added it wrote")
    fingerprint: Mapped[str] = mapped_column(doc="keyed hash of what was entered, so that it stands here once")
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class ScreeningKey(Base):
    """What an entry is found by: keyed hashes of networks and addresses, domains, or that it is a pattern."""

    __tablename__ = "screening_key"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("screening_entry.id", ondelete="CASCADE"), primary_key=True, index=True
    )
