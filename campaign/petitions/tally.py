"""Counting. A count is the folded tally plus the few deltas not folded yet, read in one statement: exact at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Integer, delete, func, literal, select, union_all
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.database import insert_into
from campaign.petitions import rollups
from campaign.petitions.models import CollectedTally, Signature, SignatureState, SignatureTally, TallyDelta

FOLD_BATCH = 5_000


def counts(session: Session, campaign_id: int) -> dict[SignatureState, int]:
    """How many signatures of the campaign are in each state; all states are there, zero included."""
    return many_counts(session, [campaign_id])[campaign_id]


def many_counts(session: Session, campaign_ids: Sequence[int]) -> dict[int, dict[SignatureState, int]]:
    """`counts` for several campaigns in one statement, which sees one moment of the database."""
    found = {campaign_id: dict.fromkeys(SignatureState, 0) for campaign_id in campaign_ids}
    parts = _counted_parts(campaign_ids).subquery()
    query = select(parts.c.campaign_id, parts.c.state, func.sum(parts.c.change)).group_by(*list(parts.c)[:2])
    for campaign_id, state, total in session.execute(query):
        if state is not None:
            found[campaign_id][SignatureState(state)] = int(total)
    return found


def _counted_parts(campaign_ids: Sequence[int]) -> CompoundSelect[Any]:
    """Rows of (campaign_id, state, change) that add up to the counts."""
    tally, delta = SignatureTally, TallyDelta
    one, minus_one = literal(1, Integer).label("change"), literal(-1, Integer).label("change")
    return union_all(
        select(tally.campaign_id, tally.state.label("state"), tally.count.label("change")).where(
            tally.campaign_id.in_(campaign_ids)
        ),
        select(delta.campaign_id, delta.to_state.label("state"), one).where(delta.campaign_id.in_(campaign_ids)),
        select(delta.campaign_id, delta.from_state.label("state"), minus_one).where(
            delta.campaign_id.in_(campaign_ids)
        ),
    )


def is_anything_to_fold(session: Session) -> bool:
    """True where a delta waits; a plain read, so that an idle worker takes no write lock."""
    return session.scalar(select(TallyDelta.id).limit(1)) is not None


def fold(session: Session) -> int:
    """Fold up to a batch of deltas into tally and rollups; gives how many. Two workers at once take different rows."""
    rows = session.execute(
        select(TallyDelta.id, TallyDelta.campaign_id, TallyDelta.from_state, TallyDelta.to_state)
        .order_by(TallyDelta.id)
        .limit(FOLD_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return 0
    changes: dict[tuple[int, SignatureState], int] = {}
    for _, campaign_id, from_state, to_state in rows:
        for state, change in ((from_state, -1), (to_state, 1)):
            if state is not None:
                changes[campaign_id, state] = changes.get((campaign_id, state), 0) + change
    for (campaign_id, state), change in sorted(changes.items()):  # one order, so that two workers cannot deadlock
        _add(session, campaign_id, state, change)
    ids = [row.id for row in rows]
    rollups.fold(session, ids)
    session.execute(delete(TallyDelta).where(TallyDelta.id.in_(ids)))
    return len(rows)


def _add(session: Session, campaign_id: int, state: SignatureState, change: int) -> None:
    row = insert_into(session, SignatureTally).values(campaign_id=campaign_id, state=state, count=change)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["campaign_id", "state"],
            set_={"count": SignatureTally.count + row.excluded.count},
        )
    )


def recount(session: Session, campaign_id: int) -> dict[SignatureState, tuple[int, int]]:
    """Count the rows themselves, put tally and rollups right; gives state → (as counted before, rows).

    Safe while people sign: both numbers come from one statement, so they belong to one moment, and what is added to the
    tally is their difference.
    """
    # One recount at a time; signers go on, for their foreign keys ask for less than this lock holds.
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True))
    counted = _counted_parts([campaign_id]).subquery()
    both = union_all(
        select(counted.c.state, counted.c.change.label("counted"), literal(0, Integer).label("rows")),
        select(Signature.state, literal(0, Integer), func.count())
        .where(Signature.campaign_id == campaign_id)
        .group_by(Signature.state),
    ).subquery()
    query = select(both.c.state, func.sum(both.c.counted), func.sum(both.c.rows)).group_by(both.c.state)
    found = dict.fromkeys(SignatureState, (0, 0))
    for state, before, now in session.execute(query):
        if state is not None:
            found[SignatureState(state)] = (int(before), int(now))
    for state, (before, now) in found.items():
        if before != now:
            _add(session, campaign_id, state, now - before)
    rollups.rebuild(session, campaign_id)
    return found


def collected(session: Session, campaign_ids: Sequence[int]) -> dict[int, list[CollectedTally]]:
    """Tallies of signatures collected on paper and by partners, by campaign, oldest first."""
    found: dict[int, list[CollectedTally]] = {campaign_id: [] for campaign_id in campaign_ids}
    for row in session.scalars(
        select(CollectedTally)
        .where(CollectedTally.campaign_id.in_(campaign_ids))
        .order_by(CollectedTally.counted_on, CollectedTally.id)
    ):
        found[row.campaign_id].append(row)
    return found
