"""Forgetting by the timetable: looked for in plain reads, done in small transactions."""

from datetime import datetime

from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import card_testing
from campaign.donations.forgetting import is_a_key_missing, key_offline_gifts
from campaign.petitions import reporting, undoing
from campaign.petitions.invalidation import records as invalidations
from campaign.petitions.screening import listing
from campaign.privacy import retention
from campaign.privacy.models import RetentionStep
from campaign.privacy.policies import kept_by
from campaign.settings import Settings


def forget() -> int:
    """One batch of each step for each campaign; gives how many rows were deleted or lost what told who it was."""
    now = clock.now()
    done = _forget_decisions(now) + _forget_entries(now) + _forget_conditions(now) + _forget_declines(now)
    done += _forget_readers(now) + _forget_proofs(now)
    for campaign_id in db.session.scalars(select(Campaign.id)).all():
        for step in RetentionStep:
            done += _forget_batch(campaign_id, step, now)
    return done


def _forget_batch(campaign_id: int, step: RetentionStep, now: datetime) -> int:
    kept = kept_by(db.session(), db.session.get_one(Campaign, campaign_id))
    ids = retention.list_batch(db.session(), kept, step, now=now)
    if not ids:
        return 0
    with transaction() as session:
        return retention.forget_batch(session, campaign_id, step, ids, now=now)


def key_gifts(settings: Settings) -> int:
    """Give a key to the addresses of gifts that were entered before there were keys."""
    if not is_a_key_missing(db.session()):
        return 0
    with transaction() as session:
        return key_offline_gifts(session, hash_key=settings.hash_key, limit=retention.BATCH)


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


def _forget_proofs(now: datetime) -> int:
    """Links to one's own data that have run out, and proofs of what was done that nobody can ask for any more."""
    if not retention.is_any_proof_old(db.session(), now=now):
        return 0
    with transaction() as session:
        return retention.forget_proofs(session, now=now)
