"""Addresses of campaigns: each belongs to one campaign for good once readers could know it, and keeps leading there.

Whose an address is, the database says: it is the key of a table, so two campaigns never come to share one.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, CampaignSlug
from campaign.core.database import insert_into


def claim_slug(session: Session, campaign_id: int, slug: str) -> bool:
    """Make the address the campaign's; False where another campaign has it, or had it."""
    session.execute(
        insert_into(session, CampaignSlug).values(slug=slug, campaign_id=campaign_id).on_conflict_do_nothing()
    )
    owner = session.scalar(select(CampaignSlug.campaign_id).where(CampaignSlug.slug == slug))
    return owner == campaign_id


def leave_slug(session: Session, campaign: Campaign) -> None:
    """Keep the address that a campaign leaves, so that it leads on; one that no reader could know becomes free."""
    if campaign.published_at is not None:
        claim_slug(session, campaign.id, campaign.slug)
    else:
        session.execute(delete(CampaignSlug).where(CampaignSlug.slug == campaign.slug))


def find_moved(session: Session, slug: str, *, now: datetime) -> str | None:
    """The present address of the campaign that once had this one; None where there is none that readers may see."""
    campaign = session.scalar(
        select(Campaign)
        .join(CampaignSlug, CampaignSlug.campaign_id == Campaign.id)
        .where(CampaignSlug.slug == slug, Campaign.slug != slug)
    )
    return campaign.slug if campaign is not None and campaign.is_public(now) else None


def list_former_slugs(session: Session, campaign: Campaign) -> list[str]:
    """The addresses that lead to the campaign besides its present one."""
    query = select(CampaignSlug.slug).where(CampaignSlug.campaign_id == campaign.id, CampaignSlug.slug != campaign.slug)
    return list(session.scalars(query.order_by(CampaignSlug.slug)))
