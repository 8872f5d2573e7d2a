"""Reading campaigns, demands and updates."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import AidDelivery, AidItem, Campaign, CampaignState, Demand, Update, UpdateState
from campaign.core.errors import NotFound


def find_campaign(session: Session, slug: str) -> Campaign | None:
    """The campaign of that slug, in any state."""
    return session.scalar(select(Campaign).where(Campaign.slug == slug))


def get_public_campaign(session: Session, slug: str, *, now: datetime) -> Campaign:
    """A campaign that was published, whatever became of it since.

    Raises NotFound for drafts, for unknown slugs, and before the campaign opens.
    """
    campaign = find_campaign(session, slug)
    if campaign is None or campaign.published_at is None or (campaign.opens_at and campaign.opens_at > now):
        raise NotFound(slug)
    return campaign


def list_open_campaigns(session: Session, *, now: datetime) -> list[Campaign]:
    """The campaigns that take signatures now, newest first."""
    published = session.scalars(
        select(Campaign).where(Campaign.state == CampaignState.PUBLISHED).order_by(Campaign.published_at.desc())
    )
    return [campaign for campaign in published if campaign.is_open(now)]


def current_demand(session: Session, campaign_id: int) -> Demand:
    """The demand's latest version."""
    return session.scalars(
        select(Demand).where(Demand.campaign_id == campaign_id).order_by(Demand.version.desc()).limit(1)
    ).one()


def list_updates(session: Session, campaign_id: int, limit: int = 30) -> Sequence[Update]:
    """Published updates, newest first, with their deliveries."""
    return session.scalars(
        select(Update)
        .where(Update.campaign_id == campaign_id, Update.state == UpdateState.PUBLISHED)
        .order_by(Update.published_at.desc(), Update.id.desc())
        .limit(limit)
    ).all()


def get_published_update(session: Session, campaign_id: int, public_id: str) -> Update:
    """One published update of the campaign. Raises NotFound."""
    update = session.scalar(
        select(Update).where(
            Update.campaign_id == campaign_id, Update.public_id == public_id, Update.state == UpdateState.PUBLISHED
        )
    )
    if update is None:
        raise NotFound(public_id)
    return update


def aid_totals(session: Session, campaign_id: int) -> list[tuple[str, int]]:
    """What all published deliveries add up to: (item, quantity), the largest first."""
    quantity = func.sum(AidItem.quantity)
    rows = session.execute(
        select(AidItem.item, quantity)
        .join(AidDelivery, AidDelivery.id == AidItem.delivery_id)
        .join(Update, Update.id == AidDelivery.update_id)
        .where(Update.campaign_id == campaign_id, Update.state == UpdateState.PUBLISHED)
        .group_by(AidItem.item)
        .order_by(quantity.desc(), AidItem.item)
    )
    return [(item, int(total)) for item, total in rows]
