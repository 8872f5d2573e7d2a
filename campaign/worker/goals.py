"""Watching the counts: goals that have been reached, and numbers at which the staff wants to be written to."""

from campaign.campaigns import goals, thresholds
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import tally
from campaign.petitions.models import SignatureState
from campaign.reports.summary import campaign_counts
from campaign.settings import Settings


def watch_goals() -> int:
    """Note the goals that were reached, or are missed again; gives how many."""
    now = clock.now()
    counts = campaign_counts(db.session(), goals.list_counting(db.session()), now=now)
    totals = {campaign_id: count.total for campaign_id, count in counts.items()}
    if not goals.due_goals(db.session(), totals):
        return 0
    with transaction() as session:
        return goals.note_totals(session, totals, now=now)


def watch_thresholds(settings: Settings) -> int:
    """Write to the staff about the thresholds that were reached; gives how many thresholds."""
    waiting = thresholds.list_open(db.session())
    counts = tally.many_counts(db.session(), sorted({one.campaign_id for one in waiting}))
    due = [one for one in waiting if counts[one.campaign_id][SignatureState.CONFIRMED] >= one.count]
    if not due:
        return 0
    with transaction() as session:
        reached = [
            thresholds.reach(session, one, hash_key=settings.hash_key, language=settings.languages[0], now=clock.now())
            for one in due
        ]
    return sum(reached)
