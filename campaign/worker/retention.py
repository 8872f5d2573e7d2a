"""Forgetting by the timetable: looked for in plain reads, done in small transactions."""

from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import retention


def forget() -> int:
    """One batch for each campaign; gives how many rows were deleted or lost their network."""
    now, done = clock.now(), 0
    for campaign_id in db.session.scalars(select(Campaign.id)).all():
        unconfirmed = retention.list_unconfirmed(db.session(), campaign_id, now=now)
        networks = retention.list_old_networks(db.session(), campaign_id, now=now)
        if unconfirmed or networks:
            with transaction() as session:
                done += retention.delete_unconfirmed(session, unconfirmed, now=now)
                done += retention.forget_networks(session, networks)
    return done
