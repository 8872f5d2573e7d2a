"""What a campaign does by the clock."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign, CampaignState


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `close_due` would close one; a plain read, so that an idle worker takes no write lock."""
    return session.scalar(select(Campaign.id).where(*_due(now)).limit(1)) is not None


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Campaign.state == CampaignState.PUBLISHED, Campaign.closes_at <= now


def close_due(session: Session, *, now: datetime) -> int:
    """Close the published campaigns whose closing time has come; gives how many. They took nothing since that time."""
    result = session.execute(
        update(Campaign)
        .where(*_due(now))
        .values(state=CampaignState.CLOSED, closed_at=Campaign.closes_at, updated_at=now, edition=Campaign.edition + 1)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    )
    closed = list(result.scalars())
    for campaign_id in closed:
        record(
            session,
            actor="timetable",
            action="campaign.closed",
            object_type="campaign",
            object_id=campaign_id,
            campaign_id=campaign_id,
            now=now,
        )
    return len(closed)
