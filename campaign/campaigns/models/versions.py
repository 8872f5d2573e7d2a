"""What a campaign was: its words after each edit, its addresses, and the words that people agreed to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base


class Revision(Base):
    """The campaign's fields as one edit left them. `edition` is the campaign's after that edit."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("campaign_id", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    edition: Mapped[int]
    author: Mapped[str] = mapped_column(default="", doc="as the trail names who acts; empty: kept before any edit")
    content: Mapped[dict[str, Any]] = mapped_column(JSON, doc="the fields of CampaignFields and `demand`")
    created_at: Mapped[datetime]


class CampaignSlug(Base):
    """An address that a campaign has, or had while readers could know it. It is never given to another campaign."""

    __tablename__ = "campaign_slug"

    slug: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)


class ConsentWording(Base):
    """One version of the words beside a campaign's boxes. Empty words stand for the site's usual ones."""

    __tablename__ = "consent_wording"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name_text: Mapped[str] = mapped_column(default="", doc="the box for showing the name")
    updates_text: Mapped[str] = mapped_column(default="", doc="the box for news by mail")
    created_at: Mapped[datetime]
