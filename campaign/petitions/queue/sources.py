"""The articles to choose from, out of the sums that the statistics are read from."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.petitions.models import Dimension
from campaign.petitions.rollups import OTHER_SOURCES, current

MOST_SOURCES = 200


def list_sources(session: Session, campaign_id: int) -> list[str]:
    """The articles that brought the most forms, those with the most first; at most MOST_SOURCES."""
    rows = current([campaign_id], Dimension.SOURCE)
    query = (
        select(rows.c.value)
        .where(rows.c.value.not_in(["", OTHER_SOURCES]))
        .group_by(rows.c.value)
        .order_by(func.sum(rows.c.sent).desc(), rows.c.value)
        .limit(MOST_SOURCES)
    )
    return list(session.scalars(query))
