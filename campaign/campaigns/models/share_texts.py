"""ShareText: what somebody says who passes the campaign on, in the words of its editors."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, state_column


class ShareWay(StrEnum):
    """Where words can be given. Facebook takes none: it shows the page's card."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    EMAIL_SUBJECT = "email_subject"
    EMAIL = "email"
    COPY = "copy"


class ShareText(Base):
    """The words for one way of sharing; the link comes after them. Where there is no row, a sentence of ours stands."""

    __tablename__ = "share_text"
    __table_args__ = (CheckConstraint("text <> ''", name="says_something"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    way: Mapped[ShareWay] = mapped_column(state_column(ShareWay), primary_key=True)
    text: Mapped[str]
