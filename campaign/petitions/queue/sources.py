"""The articles to choose from, out of the sums that the statistics are read from."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.petitions.models import Dimension, SignatureRollup
from campaign.petitions.rollups import EVER, OTHER_SOURCES

MOST_SOURCES = 200


def list_sources(session: Session, campaign_id: int) -> list[str]:
    """The articles that brought the most forms, those with the most first; at most MOST_SOURCES.

    One that is new since the last folding of deltas is not there yet.
    """
    sums = SignatureRollup
    query = (
        select(sums.value)
        .where(sums.campaign_id == campaign_id, sums.dimension == Dimension.SOURCE, sums.hour == EVER)
        .where(sums.value.not_in(["", OTHER_SOURCES]))
        .order_by(sums.sent.desc(), sums.value)
        .limit(MOST_SOURCES)
    )
    return list(session.scalars(query))
