"""CommentReport: a reader's word that a comment should not stand there. Reasons only, so nothing personal comes in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column


class ReportReason(StrEnum):
    """Why a reader thinks so. The pages have a sentence for each."""

    PERSONAL = "personal"
    ABUSE = "abuse"
    DANGER = "danger"
    SPAM = "spam"
    OTHER = "other"


class CommentReport(Base):
    """One reader's report of one comment. Open until a moderator settles it."""

    __tablename__ = "comment_report"
    __table_args__ = (
        UniqueConstraint("signature_id", "reader_key"),
        Index(None, "campaign_id", "settled_at", "signature_id"),
        Index(None, "reported_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    signature_id: Mapped[int] = mapped_column(ForeignKey("signature.id", ondelete="CASCADE"))
    reason: Mapped[ReportReason] = mapped_column(state_column(ReportReason))
    reader_key: Mapped[str | None] = mapped_column(
        doc="keyed hash of the comment and the reader's network, so that one counts once; goes after 30 days"
    )
    reported_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
