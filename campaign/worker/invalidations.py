"""Counting, taking out and giving back in bulk, batch by batch.

Lease, commit, look for a batch, carry it out in a transaction of its own: a worker that dies leaves an invalidation
that another one goes on with, from the last batch that was stored, once the lease has run out.
"""

import logging
import time

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.invalidation import batches, jobs
from campaign.petitions.models import Invalidation

log = logging.getLogger(__name__)

BATCHES_A_TURN = 10
LONGEST_PAUSE = 0.5


def work_on_invalidations() -> int:
    """Do some batches of the invalidation that has waited for longest; gives how many."""
    if not jobs.is_anything_due(db.session(), now=clock.now()):
        return 0
    with transaction() as session:
        taken = jobs.take(session, now=clock.now())
    if taken is None:
        return 0
    try:
        return _take_turn(taken)
    except Exception as error:
        log.exception("invalidation %s failed", taken.public_id)
        with transaction() as session:
            jobs.note_failure(session, taken, type(error).__name__, now=clock.now())
        return 1


def _take_turn(taken: Invalidation) -> int:
    done = 0
    while done < BATCHES_A_TURN:
        done += 1
        invalidation = db.session.get_one(Invalidation, taken.id)
        if invalidation.state not in jobs.UNDER_WAY:
            break
        batch = batches.find_batch(db.session(), invalidation)
        began = time.monotonic()
        with transaction() as session:
            goes_on = batches.apply_batch(session, batch, now=clock.now())
        if not goes_on:
            break
        # SQLite has one writer, and who waits for it asks again only now and then: leave signers as much time.
        time.sleep(min(time.monotonic() - began, LONGEST_PAUSE))
    with transaction() as session:
        jobs.give_up_lease(session, taken, now=clock.now())
    return done
