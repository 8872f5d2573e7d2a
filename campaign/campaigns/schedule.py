"""What a campaign does by the clock."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, CampaignState


def close_due(session: Session, *, now: datetime) -> int:
    """Close the published campaigns whose closing time has come; gives how many. They took nothing since that time."""
    result = session.execute(
        update(Campaign)
        .where(Campaign.state == CampaignState.PUBLISHED, Campaign.closes_at <= now)
        .values(state=CampaignState.CLOSED, closed_at=Campaign.closes_at, updated_at=now, edition=Campaign.edition + 1)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    )
    return len(result.all())
