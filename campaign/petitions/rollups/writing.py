"""Adding changes to the rollups. Every statement takes its rows in one order, so that two workers cannot deadlock."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, insert, or_, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.database import insert_into
from campaign.petitions.models import ConfirmationDelay, Dimension, SignatureRollup, TallyDelta
from campaign.petitions.rollups.changes import (
    DELAY_KEYS,
    EVER,
    KEYS,
    MEASURES,
    changes,
    delays,
    moves_of_deltas,
)

# Readers name their source, so that many are named here and the others stand together. A name becomes free again when
# no form is left that came with it (`tidying.py`).
MOST_SOURCES = 1_000
_NAMES = (SignatureRollup.dimension == Dimension.SOURCE, SignatureRollup.hour == EVER)


def fold(session: Session, delta_ids: Sequence[int]) -> None:
    """Add these deltas to the rollups; the caller has locked them and deletes them."""
    _name_new_sources(session, delta_ids)
    moves = moves_of_deltas(TallyDelta.id.in_(delta_ids))
    add_changes(session, changes(moves, list(Dimension)))
    add_delays(session, delays(moves))


def add_changes(session: Session, found: Any) -> None:
    """Add rows of KEYS and MEASURES to the rollups."""
    part = found.subquery()
    keys = [part.c[name] for name in KEYS]
    sums = [func.sum(part.c[name]).label(name) for name in MEASURES]
    query = select(*keys, *sums).group_by(*keys).having(or_(*(one != 0 for one in sums))).order_by(*keys)
    row = insert_into(session, SignatureRollup).from_select([*KEYS, *MEASURES], query)
    more = {name: getattr(SignatureRollup, name) + row.excluded[name] for name in MEASURES}
    session.execute(row.on_conflict_do_update(index_elements=KEYS, set_=more))


def add_delays(session: Session, found: Any) -> None:
    """Add rows of DELAY_KEYS and `count` to the confirmation delays."""
    part = found.subquery()
    keys = [part.c[name] for name in DELAY_KEYS]
    total = func.sum(part.c["count"]).label("count")
    query = select(*keys, total).group_by(*keys).having(total != 0).order_by(*keys)
    row = insert_into(session, ConfirmationDelay).from_select([*DELAY_KEYS, "count"], query)
    more = {"count": ConfirmationDelay.count + row.excluded["count"]}
    session.execute(row.on_conflict_do_update(index_elements=DELAY_KEYS, set_=more))


def _name_new_sources(session: Session, delta_ids: Sequence[int]) -> None:
    is_named = exists().where(
        SignatureRollup.campaign_id == TallyDelta.campaign_id, *_NAMES, SignatureRollup.value == TallyDelta.source
    )
    new = (
        select(TallyDelta.campaign_id, TallyDelta.source)
        .where(TallyDelta.id.in_(delta_ids), ~is_named)
        .distinct()
        .order_by(TallyDelta.campaign_id, TallyDelta.source)
    )
    by_campaign: dict[int, list[str]] = {}
    for campaign_id, source in session.execute(new):
        by_campaign.setdefault(campaign_id, []).append(source)
    for campaign_id, sources in by_campaign.items():
        name_sources(session, campaign_id, sources)


def name_sources(session: Session, campaign_id: int, sources: Sequence[str]) -> None:
    """Give each of the sources a row of its own, the first ones first, as far as there is room."""
    # One at a time; signers go on, for their foreign keys ask for less than this lock holds.
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True))
    known = set(
        session.scalars(select(SignatureRollup.value).where(SignatureRollup.campaign_id == campaign_id, *_NAMES))
    )
    new = [source for source in sources if source not in known][: max(0, MOST_SOURCES - len(known))]
    if new:
        rows = [
            {"campaign_id": campaign_id, "dimension": Dimension.SOURCE, "hour": EVER, "value": source}
            | dict.fromkeys(MEASURES, 0)
            for source in sorted(new)
        ]
        session.execute(insert(SignatureRollup), rows)
