"""Writing the ledger of erasures, and doing again after a restore what it knows and the database does not."""

from itertools import islice
from pathlib import Path

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.privacy import ledger, replaying


def write_ledger(folder: Path) -> int:
    """Write one batch of deeds; gives how many.

    Two workers at once may write a deed twice, which reading forgives: the other way round one could be missing.
    """
    deeds = ledger.list_unwritten(db.session())
    if not deeds:
        return 0
    ids = [deed.id for deed in deeds]
    ledger.append(folder, deeds, now=clock.now())
    with transaction() as session:
        ledger.mark_written(session, ids, now=clock.now())
    return len(ids)


def replay_ledger(folder: Path) -> int:
    """Do again what the database does not know of, some at a time; killed, it goes on when it is run again."""
    lines, done = ledger.read(folder), 0
    while batch := list(islice(lines, replaying.BATCH)):
        with transaction() as session:
            done += replaying.replay(session, batch, now=clock.now())
    return done
