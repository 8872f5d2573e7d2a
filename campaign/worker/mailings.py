"""Making the lists of mailings, batch by batch, and keeping their figures.

Lease, commit, look for a batch, store it in a transaction of its own: a worker that dies leaves a mailing that another
one goes on with, from the last batch that was stored, once the lease has run out.
"""

import time

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.reports.audience import Audience, next_recipients
from campaign.supporters import mailing_jobs as jobs
from campaign.supporters.models import Mailing, MailingState

BATCHES_A_TURN = 10


def work_on_mailings() -> int:
    """Take a turn at the mailing that has waited for longest; gives how many steps were taken."""
    if not jobs.is_anything_due(db.session(), now=clock.now()):
        return 0
    with transaction() as session:
        mailing = jobs.take(session, now=clock.now())
    if mailing is None:
        return 0
    if mailing.state is MailingState.SCHEDULED:
        with transaction() as session:
            jobs.start(session, mailing, now=clock.now())
    elif mailing.state is MailingState.CANCELLED:
        with transaction() as session:
            jobs.clear_up(session, mailing, now=clock.now())
            jobs.rest(session, mailing, until=clock.now())
    elif mailing.made_at is None:
        _make_list(mailing)
    else:
        with transaction() as session:
            jobs.count(session, mailing, now=clock.now())
            jobs.rest(session, mailing, until=clock.now() + jobs.COUNTED_EVERY)
    return 1


def _make_list(mailing: Mailing) -> None:
    """Some batches; between them others may write."""
    for _ in range(BATCHES_A_TURN):
        began = time.monotonic()
        found = db.session.get_one(Mailing, mailing.id)
        batch = next_recipients(db.session(), Audience.of(found), after=found.cursor, limit=jobs.BATCH)
        with transaction() as session:
            goes_on = jobs.add_batch(session, found, batch, is_last=len(batch) < jobs.BATCH, now=clock.now())
        if not goes_on:
            break
        time.sleep(min(time.monotonic() - began, 0.5))
    with transaction() as session:
        jobs.count(session, mailing, now=clock.now())
        jobs.rest(session, mailing, until=clock.now())
