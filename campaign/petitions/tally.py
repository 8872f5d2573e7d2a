"""Counting. A count is the folded tally plus the few deltas not folded yet, read in one statement: exact at once."""

from collections.abc import Sequence

from sqlalchemy import Integer, delete, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from campaign.petitions.models import CollectedTally, Signature, SignatureState, SignatureTally, TallyDelta

FOLD_BATCH = 5_000


def counts(session: Session, campaign_id: int) -> dict[SignatureState, int]:
    """How many signatures of the campaign are in each state; all states are there, zero included."""
    return many_counts(session, [campaign_id])[campaign_id]


def many_counts(session: Session, campaign_ids: Sequence[int]) -> dict[int, dict[SignatureState, int]]:
    """`counts` for several campaigns in one statement, which sees one moment of the database."""
    arrivals = select(TallyDelta.campaign_id, TallyDelta.to_state.label("state"), literal(1, Integer).label("change"))
    departures = select(TallyDelta.campaign_id, TallyDelta.from_state, literal(-1, Integer))
    folded = select(SignatureTally.campaign_id, SignatureTally.state, SignatureTally.count)
    parts = union_all(
        folded.where(SignatureTally.campaign_id.in_(campaign_ids)),
        arrivals.where(TallyDelta.campaign_id.in_(campaign_ids)),
        departures.where(TallyDelta.campaign_id.in_(campaign_ids)),
    ).subquery()
    found = {campaign_id: dict.fromkeys(SignatureState, 0) for campaign_id in campaign_ids}
    columns = list(parts.c)
    query = select(columns[0], columns[1], func.sum(columns[2])).group_by(columns[0], columns[1])
    for campaign_id, state, total in session.execute(query):
        if state is not None:
            found[campaign_id][SignatureState(state)] = int(total)
    return found


def fold(session: Session) -> int:
    """Fold up to a batch of deltas into the tally; gives how many. Two workers at once take different rows."""
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
    session.execute(delete(TallyDelta).where(TallyDelta.id.in_([row.id for row in rows])))
    return len(rows)


def _add(session: Session, campaign_id: int, state: SignatureState, change: int) -> None:
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert
    row = insert(SignatureTally).values(campaign_id=campaign_id, state=state, count=change)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["campaign_id", "state"],
            set_={"count": SignatureTally.count + row.excluded.count},
        )
    )


def recount(session: Session, campaign_id: int) -> dict[SignatureState, tuple[int, int]]:
    """Count the rows themselves and put the tally right: state → (tally before, rows). For the command line.

    Locks nothing out on PostgreSQL but signers' deltas committed meanwhile: run it while the count is quiet, or twice.
    """
    before = counts(session, campaign_id)
    rows = dict(
        session.execute(
            select(Signature.state, func.count()).where(Signature.campaign_id == campaign_id).group_by(Signature.state)
        ).tuples()
    )
    for state in SignatureState:
        difference = rows.get(state, 0) - before[state]
        if difference:
            _add(session, campaign_id, state, difference)
    return {state: (before[state], rows.get(state, 0)) for state in SignatureState}


def collected(session: Session, campaign_id: int) -> Sequence[CollectedTally]:
    """Tallies of signatures collected on paper and by partners, oldest first."""
    return session.scalars(
        select(CollectedTally).where(CollectedTally.campaign_id == campaign_id).order_by(CollectedTally.counted_on)
    ).all()
