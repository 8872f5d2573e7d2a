"""Reading the trail."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.models import AuditEntry
from campaign.core.paging import Page, page_of

PAGE_SIZE = 100


def list_entries(session: Session, *, after: int | None = None, campaign_id: int | None = None) -> Page[AuditEntry]:
    """A page of entries, newest first, those after the entry `after`; of one campaign or of all."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE_SIZE + 1)
    if after is not None:
        query = query.where(AuditEntry.id < after)
    if campaign_id is not None:
        query = query.where(AuditEntry.campaign_id == campaign_id)
    return page_of(session.scalars(query).all(), PAGE_SIZE)


def list_about(session: Session, object_type: str, object_ids: Sequence[int]) -> Sequence[AuditEntry]:
    """All entries about some things, oldest first."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_type == object_type, AuditEntry.object_id.in_([str(each) for each in object_ids]))
        .order_by(AuditEntry.id)
    ).all()
