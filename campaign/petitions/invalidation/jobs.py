"""Which invalidation a worker takes next, and what becomes of its lease."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaign.core.leases import anything_due, lease
from campaign.petitions.models import Invalidation, InvalidationState

# A batch takes well under a second; the lease only says how soon another worker takes up what a killed one has left.
LEASE = timedelta(seconds=20)
PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)

UNDER_WAY = (InvalidationState.COUNTING, InvalidationState.RUNNING, InvalidationState.RESTORING)
_DUE = Invalidation.state.in_(UNDER_WAY)


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would find one."""
    return anything_due(session, Invalidation, _DUE, now=now)


def take(session: Session, *, now: datetime) -> Invalidation | None:
    """Lease the next one, previews first, for somebody waits for them. Commit before working on it."""
    waits = (Invalidation.state != InvalidationState.COUNTING).asc()
    taken = lease(session, Invalidation, _DUE, now=now, limit=1, length=LEASE, order=[waits])
    return taken[0] if taken else None


def give_up_lease(session: Session, invalidation: Invalidation, *, now: datetime) -> None:
    """The worker's turn is over: any worker may go on with it at once, after those that wait for longer."""
    _set_due(session, invalidation, now, error="")


def note_failure(session: Session, invalidation: Invalidation, error: str, *, now: datetime) -> None:
    """Try again later, ever later. `error` is a name only: an error's text may hold somebody's row."""
    _set_due(session, invalidation, now + min(PAUSE * max(invalidation.attempts, 1), LONGEST_PAUSE), error=error)


def _set_due(session: Session, invalidation: Invalidation, at: datetime, *, error: str) -> None:
    session.execute(
        update(Invalidation).where(Invalidation.id == invalidation.id, _DUE).values(available_at=at, error=error)
    )
