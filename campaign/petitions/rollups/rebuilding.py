"""Making the rollups again from the signatures themselves, while people sign.

What stands there and what should are compared in one statement for each dimension, so they belong to one moment; what
is added is their difference. Forms of signatures deleted since are known to the rollups alone, and stay.
"""

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaign.petitions.models import Dimension, Signature
from campaign.petitions.rollups.changes import (
    DELAY_KEYS,
    KEYS,
    MEASURES,
    changes,
    delays,
    delays_of_signatures,
    moves_of_signatures,
)
from campaign.petitions.rollups.reading import current_delays, everything
from campaign.petitions.rollups.writing import MOST_SOURCES, add_changes, add_delays, name_sources

_VALUES: dict[Dimension, list[InstrumentedAttribute[str]]] = {
    Dimension.ALL: [],
    Dimension.SOURCE: [Signature.source],
    Dimension.COUNTRY: [Signature.country],
}


def rebuild(session: Session, campaign_id: int) -> None:
    """Put the campaign's rollups and delays right. Domains and networks, which live for days, stay as they are."""
    busiest = (
        select(Signature.source)
        .where(Signature.campaign_id == campaign_id)
        .group_by(Signature.source)
        .order_by(func.count().desc(), Signature.source)
        .limit(MOST_SOURCES)
    )
    name_sources(session, campaign_id, list(session.scalars(busiest)))
    for dimension in _VALUES:
        add_changes(session, _missing(campaign_id, dimension))
    there = current_delays([campaign_id])
    add_delays(
        session,
        union_all(
            delays(delays_of_signatures(campaign_id)),
            select(*(there.c[name] for name in DELAY_KEYS), (-there.c["count"]).label("count")),
        ),
    )


def _missing(campaign_id: int, dimension: Dimension) -> CompoundSelect[Any]:
    """What should stand there, less what does."""
    should = changes(moves_of_signatures(campaign_id, *_VALUES[dimension]), [dimension]).subquery()
    there = everything(campaign_id, dimension)
    less: dict[str, ColumnElement[int]] = {name: -there.c[name] for name in MEASURES}
    less |= {"sent": there.c.forgotten - there.c.sent, "forgotten": literal(0)}
    keys = [there.c[name] for name in KEYS]
    return union_all(select(should), select(*keys, *(less[name].label(name) for name in MEASURES)))
