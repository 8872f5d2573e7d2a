"""Organisation: who runs the site, as its pages, mails and documents say it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base


class Organisation(Base):
    """The one row of what admins have set. Without it the settings of the environment hold."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str] = mapped_column(doc="as readers know it")
    legal_name: Mapped[str] = mapped_column(doc="who controls the data, by law")
    legal_form: Mapped[str] = mapped_column(default="")
    charity_number: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="", doc="postal, on several lines")
    contact_email: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    contact_note: Mapped[str] = mapped_column(default="", doc="Markdown: who answers, and when")
    gift_aid: Mapped[bool] = mapped_column(doc="it can claim Gift Aid, so donors are asked")
    footer_links: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, doc="`label` and `url` of each")
    privacy_email: Mapped[str] = mapped_column(default="", doc="who answers what people ask about their data")
    authority: Mapped[str] = mapped_column(default="", doc="the data protection authority that watches over it")
    authority_url: Mapped[str | None]
    payment_years: Mapped[int | None] = mapped_column(doc="how long the law makes it keep records of payments")
    money_note: Mapped[str] = mapped_column(default="", doc="Markdown: how it decides what money is spent on")
    accessibility_checked_on: Mapped[date | None] = mapped_column(Date())
    accessibility_note: Mapped[str] = mapped_column(default="", doc="Markdown: what does not work yet")
    edition: Mapped[int] = mapped_column(doc="raised by every edit; a stale edit is refused")
    updated_at: Mapped[datetime]
