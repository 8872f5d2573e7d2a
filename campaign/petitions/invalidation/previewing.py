"""Counting what conditions fit, exactly, in steps that each read a bounded number of rows."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.petitions.invalidation.conditions import Conditions
from campaign.petitions.invalidation.walking import Ground, windows
from campaign.petitions.models import Invalidation, Signature

WINDOW = 2_000
SAMPLE = 20


@dataclass(frozen=True)
class Progress:
    """How far counting has come. `counts` is by state, without those that somebody changed since counting began.

    `sample` are ids of some that would be taken out, drawn evenly from all of them.
    """

    cursor: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    sample: list[int] = field(default_factory=list)
    is_finished: bool = False


def ground_for(session: Session, campaign_id: int, wanted: Conditions) -> Ground:
    """The campaign's signatures up to the newest one now."""
    newest = session.scalar(select(func.max(Signature.id)).where(Signature.campaign_id == campaign_id))
    return Ground(campaign_id, wanted, newest or 0)


def count_on(session: Session, ground: Ground, so_far: Progress, *, as_of: datetime, most: int) -> Progress:
    """Count on, looking at about `most` signatures more."""
    counts, sample, looked_at = Counter(so_far.counts), so_far.sample, 0
    states = ground.wanted.states()
    for window in windows(session, ground, after=so_far.cursor, size=min(WINDOW, most)):
        unchanged = [row for row in window.fit if row.state_changed_at <= as_of]
        counts.update(row.state.value for row in unchanged)
        sample = nsmallest(SAMPLE, [*sample, *(row.id for row in unchanged if row.state in states)], key=_place)
        looked_at += window.looked_at
        if window.is_last or looked_at >= most:
            return Progress(window.upto, dict(counts), sample, window.is_last)
    raise AssertionError("the last window says so")


def progress_of(invalidation: Invalidation) -> Progress:
    """How far a stored preview has come."""
    return Progress(invalidation.cursor, invalidation.counts, invalidation.sample)


def _place(row_id: int) -> int:
    """A number that has nothing to do with when somebody signed: the smallest ones are a fair sample."""
    return row_id * 2_654_435_761 % 2**32  # Knuth's multiplicative hash
