"""Reading signatures for the public: only those who chose to be shown, and only what they chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.core.text import first_name
from campaign.petitions.models import CommentState, Signature, SignatureState


@dataclass(frozen=True)
class PublicSigner:
    """First name, country, when; the comment if a moderator published it. A file that brought it knows days alone."""

    first_name: str
    country: str
    confirmed_at: datetime
    comment: str | None
    by_day: bool = False
    comment_id: int | None = None


def list_public_signers(session: Session, campaign_id: int, limit: int = 12) -> list[PublicSigner]:
    """The latest confirmed signers who ticked the box."""
    rows = session.execute(
        select(
            Signature.id,
            Signature.name,
            Signature.country,
            Signature.confirmed_at,
            Signature.comment,
            Signature.comment_state,
            Signature.import_id,
        )
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
            by_day=row.import_id is not None,
            comment_id=row.id if row.comment and row.comment_state is CommentState.PUBLISHED else None,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class PublicComment:
    """A comment that a moderator published, of a signer who chose to be shown."""

    id: int
    first_name: str
    country: str
    text: str


def list_public_comments(
    session: Session, campaign_id: int, *, ids: Sequence[int] | None = None, limit: int = 24
) -> list[PublicComment]:
    """The latest published comments of confirmed signers who ticked the box, or those of them with the given ids."""
    query = (
        select(Signature.id, Signature.name, Signature.country, Signature.comment)
        .where(
            Signature.campaign_id == campaign_id,
            Signature.comment_state == CommentState.PUBLISHED,
            Signature.state == SignatureState.CONFIRMED,
            Signature.show_name.is_(True),
            Signature.name.is_not(None),
        )
        .order_by(Signature.id.desc())
        .limit(limit)
    )
    if ids is not None:
        query = query.where(Signature.id.in_(ids))
    return [
        PublicComment(id=row.id, first_name=first_name(row.name), country=row.country, text=row.comment)
        for row in session.execute(query)
    ]
