"""What was done with a person's own data: written down with it, in one transaction, and read as proof."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.models import DataDeed, DeedKind

BY_SELF = "self"


def note(
    session: Session,
    kind: DeedKind,
    *,
    person_key: str,
    now: datetime,
    campaign_id: int | None = None,
    subject: str = "",
    done_by: str = BY_SELF,
    request_id: str | None = None,
) -> None:
    """Add a deed to the caller's transaction. A worker puts it into the ledger soon after."""
    session.add(
        DataDeed(
            at=now, kind=kind, person_key=person_key, campaign_id=campaign_id, subject=subject, done_by=done_by,
            request_id=request_id,
        )
    )  # fmt: skip


def list_deeds(session: Session, person_key: str, *, limit: int = 100) -> Sequence[DataDeed]:
    """What was done for the owner of a mailbox, newest first."""
    query = select(DataDeed).where(DataDeed.person_key == person_key).order_by(DataDeed.id.desc()).limit(limit)
    return session.scalars(query).all()


def list_of_request(session: Session, request_id: str, person_key: str) -> Sequence[DataDeed]:
    """What was done for one request, oldest first."""
    query = select(DataDeed).where(DataDeed.person_key == person_key, DataDeed.request_id == request_id)
    return session.scalars(query.order_by(DataDeed.id)).all()
