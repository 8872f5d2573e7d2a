"""Reading signatures for the public: only those who chose to be shown, and only what they chose."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.core.text import first_name
from campaign.petitions.models import CommentState, Signature, SignatureState


@dataclass(frozen=True)
class PublicSigner:
    """First name, country, when; the comment if a moderator published it."""

    first_name: str
    country: str
    confirmed_at: datetime
    comment: str | None


def list_public_signers(session: Session, campaign_id: int, limit: int = 12) -> list[PublicSigner]:
    """The latest confirmed signers who ticked the box."""
    rows = session.execute(
        select(Signature.name, Signature.country, Signature.confirmed_at, Signature.comment, Signature.comment_state)
        .where(
            Signature.campaign_id == campaign_id,
            Signature.show_name.is_(True),
            Signature.state == SignatureState.CONFIRMED,
        )
        .order_by(Signature.confirmed_at.desc())
        .limit(limit)
    )
    return [
        PublicSigner(
            first_name=first_name(row.name),
            country=row.country,
            confirmed_at=row.confirmed_at,
            comment=row.comment if row.comment_state is CommentState.PUBLISHED else None,
        )
        for row in rows
    ]
