"""Looking for surges by the timetable: read from the rollups, marked in small transactions."""

from sqlalchemy import select

from campaign.campaigns.models import Campaign, CampaignState
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import surges
from campaign.petitions.surges import Surge


def mark_surges() -> int:
    """Go through the open campaigns once; gives how many signatures were marked or held."""
    open_ones = db.session.scalars(select(Campaign.id).where(Campaign.state == CampaignState.PUBLISHED)).all()
    now = clock.now()
    return sum(
        _mark(surge) for campaign_id in open_ones for surge in surges.find_surges(db.session(), campaign_id, now=now)
    )


def _mark(surge: Surge) -> int:
    done, before = 0, None
    while ids := surges.list_unmarked(db.session(), surge, before=before):
        with transaction() as session:
            done += surges.mark(session, surge, ids, now=clock.now())
        before = min(ids)
    return done
