"""Handover: that the petition was carried to who is asked."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base
from campaign.core.identifiers import new_public_id


class Handover(Base):
    """When the petition was handed over, to whom, how many had signed, and what was answered."""

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint("signatures >= 0", name="signatures_not_negative"),
        Index(None, "campaign_id", "is_public", "handed_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    handed_on: Mapped[date] = mapped_column(Date())
    recipient: Mapped[str] = mapped_column(doc="who took it")
    signatures: Mapped[int] = mapped_column(doc="how many had signed by then")
    pack_sha256: Mapped[str | None] = mapped_column(doc="of the pack that was handed over, where one was")
    body: Mapped[str] = mapped_column(default="", doc="Markdown: how it went")
    answer: Mapped[str] = mapped_column(default="", doc="Markdown: what was answered")
    photo: Mapped[str | None] = mapped_column(doc="file name below STORAGE_DIR/pictures")
    photo_alt: Mapped[str] = mapped_column(default="")
    photo_credit: Mapped[str] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=False)
    edition: Mapped[int] = mapped_column(default=1, doc="raised by every edit; a stale edit is refused")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": edition}  # noqa: RUF012 - SQLAlchemy's declarative form
