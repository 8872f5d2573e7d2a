"""Forgetting by the timetable: looked for in plain reads, done in small transactions."""

from datetime import datetime

from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import card_testing
from campaign.petitions import reporting, retention, undoing
from campaign.petitions.invalidation import records as invalidations
from campaign.petitions.screening import listing


def forget() -> int:
    """One batch for each campaign; gives how many rows were deleted or lost their network."""
    now = clock.now()
    done = _forget_decisions(now) + _forget_entries(now) + _forget_conditions(now) + _forget_declines(now)
    done += _forget_readers(now)
    for campaign_id in db.session.scalars(select(Campaign.id)).all():
        unconfirmed = retention.list_unconfirmed(db.session(), campaign_id, now=now)
        networks = retention.list_old_networks(db.session(), campaign_id, now=now)
        if unconfirmed or networks:
            with transaction() as session:
                done += retention.delete_unconfirmed(session, unconfirmed, now=now)
                done += retention.forget_networks(session, networks)
    return done


def _forget_decisions(now: datetime) -> int:
    if not undoing.is_anything_old(db.session(), now=now):
        return 0
    with transaction() as session:
        return undoing.forget_decisions(session, now=now)


def _forget_entries(now: datetime) -> int:
    """Networks and persons that have stood on the lists of screening for long enough."""
    expired = listing.list_expired(db.session(), now=now)
    if not expired:
        return 0
    with transaction() as session:
        return listing.delete_entries(session, expired)


def _forget_conditions(now: datetime) -> int:
    """Networks and persons that invalidations in bulk were about."""
    old = invalidations.list_to_forget(db.session(), now=now)
    if not old:
        return 0
    with transaction() as session:
        return invalidations.forget_conditions(session, old, now=now)


def _forget_readers(now: datetime) -> int:
    """From which networks comments were reported."""
    old = reporting.list_old_readers(db.session(), now=now)
    if not old:
        return 0
    with transaction() as session:
        return reporting.forget_readers(session, old)


def _forget_declines(now: datetime) -> int:
    """Cards that were declined long ago, and puzzles that nobody could use again."""
    if not card_testing.is_anything_old(db.session(), now=now):
        return 0
    with transaction() as session:
        return card_testing.forget(session, now=now)
