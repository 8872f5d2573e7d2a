"""Counting. A count is the folded tally plus the few deltas not folded yet, read in one statement: exact at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Integer, delete, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.database import insert_into
from campaign.petitions import rollups
from campaign.petitions.models import CollectedTally, Signature, SignatureState, SignatureTally, TallyDelta

FOLD_BATCH = 5_000
KEYS = ("campaign_id", "demand_id", "import_id", "state")
_Key = tuple[int, int, int, SignatureState]


@dataclass(frozen=True)
class Cell:
    """How many signatures under one wording of the demand are in a state. `import_id` is None for those given here."""

    demand_id: int
    import_id: int | None
    state: SignatureState
    count: int


def counts(session: Session, campaign_id: int) -> dict[SignatureState, int]:
    """How many signatures of the campaign are in each state; all states are there, zero included."""
    return many_counts(session, [campaign_id])[campaign_id]


def many_counts(session: Session, campaign_ids: Sequence[int]) -> dict[int, dict[SignatureState, int]]:
    """`counts` for several campaigns in one statement, which sees one moment of the database."""
    cells = many_cells(session, campaign_ids)
    return {campaign_id: count_states(cells[campaign_id]) for campaign_id in campaign_ids}


def count_states(cells: Iterable[Cell]) -> dict[SignatureState, int]:
    """What the cells add up to in each state; all states are there, zero included."""
    found = dict.fromkeys(SignatureState, 0)
    for cell in cells:
        found[cell.state] += cell.count
    return found


def many_cells(session: Session, campaign_ids: Sequence[int]) -> dict[int, list[Cell]]:
    """The counts of several campaigns by wording, import and state, in one statement; zeros are left out."""
    found: dict[int, list[Cell]] = {campaign_id: [] for campaign_id in campaign_ids}
    parts = _counted_parts(campaign_ids).subquery()
    keys = [parts.c[name] for name in KEYS]
    total = func.sum(parts.c.change).label("total")
    query = select(*keys, total).where(parts.c.state.is_not(None)).group_by(*keys).having(func.sum(parts.c.change) != 0)
    for row in session.execute(query):
        cell = Cell(row.demand_id, row.import_id or None, SignatureState(row.state), int(row.total))
        found[row.campaign_id].append(cell)
    return found


def _counted_parts(campaign_ids: Sequence[int]) -> CompoundSelect[Any]:
    """Rows of KEYS and `change` that add up to the counts."""
    tally, delta = SignatureTally, TallyDelta
    one, minus_one = literal(1, Integer).label("change"), literal(-1, Integer).label("change")
    of_deltas = [delta.campaign_id, delta.demand_id, delta.import_id]
    return union_all(
        select(
            tally.campaign_id, tally.demand_id, tally.import_id, tally.state.label("state"), tally.count.label("change")
        ).where(tally.campaign_id.in_(campaign_ids)),
        select(*of_deltas, delta.to_state.label("state"), one).where(delta.campaign_id.in_(campaign_ids)),
        select(*of_deltas, delta.from_state.label("state"), minus_one).where(delta.campaign_id.in_(campaign_ids)),
    )


def is_anything_to_fold(session: Session) -> bool:
    """True where a delta waits; a plain read, so that an idle worker takes no write lock."""
    return session.scalar(select(TallyDelta.id).limit(1)) is not None


def fold(session: Session) -> int:
    """Fold up to a batch of deltas into tally and rollups; gives how many. Two workers at once take different rows."""
    rows = session.execute(
        select(
            TallyDelta.id, TallyDelta.campaign_id, TallyDelta.demand_id, TallyDelta.import_id, TallyDelta.from_state,
            TallyDelta.to_state,
        )
        .order_by(TallyDelta.id)
        .limit(FOLD_BATCH)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip
    if not rows:
        return 0
    changes: dict[_Key, int] = {}
    for _, campaign_id, demand_id, import_id, from_state, to_state in rows:
        for state, change in ((from_state, -1), (to_state, 1)):
            if state is not None:
                key = (campaign_id, demand_id, import_id, state)
                changes[key] = changes.get(key, 0) + change
    for key, change in sorted(changes.items()):  # one order, so that two workers cannot deadlock
        _add(session, key, change)
    ids = [row.id for row in rows]
    rollups.fold(session, ids)
    session.execute(delete(TallyDelta).where(TallyDelta.id.in_(ids)))
    return len(rows)


def _add(session: Session, key: _Key, change: int) -> None:
    row = insert_into(session, SignatureTally).values(**dict(zip(KEYS, key, strict=True)), count=change)
    session.execute(
        row.on_conflict_do_update(index_elements=KEYS, set_={"count": SignatureTally.count + row.excluded.count})
    )


def recount(session: Session, campaign_id: int) -> dict[SignatureState, tuple[int, int]]:
    """Count the rows themselves, put tally and rollups right; gives state → (as counted before, rows).

    Safe while people sign: both numbers come from one statement, so they belong to one moment, and what is added to the
    tally is their difference.
    """
    # One recount at a time; signers go on, for their foreign keys ask for less than this lock holds.
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True))
    counted = _counted_parts([campaign_id]).subquery()
    zero = literal(0, Integer)
    keys = [
        Signature.campaign_id,
        Signature.demand_id,
        func.coalesce(Signature.import_id, literal_column("0")),
        Signature.state,
    ]
    both = union_all(
        select(*(counted.c[name] for name in KEYS), counted.c.change.label("counted"), zero.label("rows")),
        select(*keys, zero, func.count()).where(Signature.campaign_id == campaign_id).group_by(*keys),
    ).subquery()
    by = [both.c[name] for name in KEYS]
    sums = [func.sum(both.c[name]).label(name) for name in ("counted", "rows")]
    query = select(*by, *sums).where(both.c.state.is_not(None)).group_by(*by)
    found = dict.fromkeys(SignatureState, (0, 0))
    for row in session.execute(query).all():
        state, missing = SignatureState(row.state), int(row.rows - row.counted)
        before, now = found[state]
        found[state] = (before + int(row.counted), now + int(row.rows))
        if missing:
            _add(session, (campaign_id, row.demand_id, row.import_id, state), missing)
    rollups.rebuild(session, campaign_id)
    return found


def collected(session: Session, campaign_ids: Sequence[int]) -> dict[int, list[CollectedTally]]:
    """Tallies of signatures collected on paper and by partners, by campaign, oldest first; without those taken back."""
    found: dict[int, list[CollectedTally]] = {campaign_id: [] for campaign_id in campaign_ids}
    for row in session.scalars(
        select(CollectedTally)
        .where(CollectedTally.campaign_id.in_(campaign_ids), CollectedTally.count > 0)
        .order_by(CollectedTally.counted_on, CollectedTally.id)
    ):
        found[row.campaign_id].append(row)
    return found
