"""Whether a campaign's mails say outside what they are about. Not among its texts: it holds from the next mail on."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign


def set_discreet(session: Session, campaign: Campaign, *, discreet: bool, actor: str, now: datetime) -> bool:
    """Store it; False where it was so already. An edit of the campaign that is under way is not disturbed."""
    changed = session.scalar(
        update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.discreet.is_not(discreet))
        .values(discreet=discreet)
        .returning(Campaign.slug)
        .execution_options(synchronize_session=False)
    )
    if changed is not None:
        record(
            session, actor=actor, action="campaign.discreet", object_type="campaign", object_id=changed, now=now,
            campaign_id=campaign.id, on=discreet,
        )  # fmt: skip
    return changed is not None
