"""Reading campaigns, demands and updates."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import AidDelivery, AidItem, Campaign, CampaignState, Demand, Update, UpdateState
from campaign.core.errors import NotFound
from campaign.core.paging import Page, page_of


def find_campaign(session: Session, slug: str) -> Campaign | None:
    """The campaign of that slug, in any state."""
    return session.scalar(select(Campaign).where(Campaign.slug == slug))


def get_public_campaign(session: Session, slug: str, *, now: datetime) -> Campaign:
    """A campaign that was published, whatever became of it since.

    Raises NotFound for drafts, for unknown slugs, and before the campaign opens.
    """
    campaign = find_campaign(session, slug)
    if campaign is None or not campaign.is_public(now):
        raise NotFound(slug)
    return campaign


def list_open_campaigns(session: Session, *, now: datetime) -> list[Campaign]:
    """The campaigns that take signatures now, newest first."""
    published = session.scalars(
        select(Campaign).where(Campaign.state == CampaignState.PUBLISHED).order_by(Campaign.published_at.desc())
    )
    return [campaign for campaign in published if campaign.is_open(now)]


def list_public_campaigns(session: Session, *, now: datetime, after: int | None, limit: int) -> Page[Campaign]:
    """A page of the campaigns that readers may see, open and closed, newest first; `after` is the last id seen."""
    query = (
        select(Campaign)
        .where(
            Campaign.state.in_((CampaignState.PUBLISHED, CampaignState.CLOSED)),
            or_(Campaign.opens_at.is_(None), Campaign.opens_at <= now),
        )
        .order_by(Campaign.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(Campaign.id < after)
    return page_of(session.scalars(query).all(), limit)


def page_of_updates(session: Session, campaign_id: int, *, after: int | None, limit: int) -> Page[Update]:
    """A page of a campaign's published updates, the latest published first; `after` is the id of the last one seen."""
    query = (
        select(Update)
        .where(Update.campaign_id == campaign_id, Update.state == UpdateState.PUBLISHED)
        .order_by(Update.published_at.desc(), Update.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        # One that was withdrawn meanwhile still has its place.
        seen_at = select(Update.published_at).where(Update.id == after).scalar_subquery()
        query = query.where(or_(Update.published_at < seen_at, and_(Update.published_at == seen_at, Update.id < after)))
    return page_of(session.scalars(query).all(), limit)


def current_demand(session: Session, campaign_id: int) -> Demand:
    """The demand's latest version."""
    return session.scalars(
        select(Demand).where(Demand.campaign_id == campaign_id).order_by(Demand.version.desc()).limit(1)
    ).one()


def list_demand_versions(session: Session, campaign_id: int) -> list[int]:
    """The numbers of the demand's versions, oldest first."""
    query = select(Demand.version).where(Demand.campaign_id == campaign_id).order_by(Demand.version)
    return list(session.scalars(query))


def list_demands(session: Session, campaign_id: int) -> Sequence[Demand]:
    """All versions of the demand, the latest first."""
    return session.scalars(
        select(Demand).where(Demand.campaign_id == campaign_id).order_by(Demand.version.desc())
    ).all()


def list_updates(session: Session, campaign_id: int, limit: int) -> Sequence[Update]:
    """Published updates, newest first, with their deliveries."""
    return session.scalars(
        select(Update)
        .where(Update.campaign_id == campaign_id, Update.state == UpdateState.PUBLISHED)
        .order_by(Update.published_at.desc(), Update.id.desc())
        .limit(limit)
    ).all()


def count_updates(session: Session, campaign_id: int) -> int:
    """How many updates the campaign has published."""
    query = select(func.count()).where(Update.campaign_id == campaign_id, Update.state == UpdateState.PUBLISHED)
    return session.scalar(query) or 0


def list_deliveries(session: Session, campaign_id: int) -> Sequence[Update]:
    """All published updates that tell of an aid delivery, oldest first."""
    return session.scalars(
        select(Update)
        .join(AidDelivery, AidDelivery.update_id == Update.id)
        .where(Update.campaign_id == campaign_id, Update.state == UpdateState.PUBLISHED)
        .order_by(Update.published_at, Update.id)
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


def find_withdrawn_update(session: Session, campaign_id: int, public_id: str) -> Update | None:
    """An update that readers had seen before it was withdrawn."""
    return session.scalar(
        select(Update).where(
            Update.campaign_id == campaign_id, Update.public_id == public_id, Update.state == UpdateState.WITHDRAWN
        )
    )


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
