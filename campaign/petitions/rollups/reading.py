"""Reading the rollups, with the moves that are not folded yet: exact at once, as the count is.

Several rows may be there for one key: sum them up. Sources not named yet stand under OTHER_SOURCES.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, select, union_all

from campaign.petitions.models import ConfirmationDelay, Dimension, SignatureRollup, TallyDelta
from campaign.petitions.rollups.changes import DELAY_KEYS, EVER, KEYS, MEASURES, changes, delays, moves_of_deltas

_row = SignatureRollup


def current(campaign_ids: Sequence[int], *dimensions: Dimension, since: int = EVER) -> Subquery:
    """Campaigns' rollups as they would stand with all deltas folded: rows of KEYS and MEASURES.

    Of ALL they are of single hours, from the hour `since`; of sources and countries, sums over all hours. Nothing else
    is read, however many hours there are.
    """
    parts = []
    if Dimension.ALL in dimensions:
        parts.append(_rows(campaign_ids, _row.dimension == Dimension.ALL, _row.hour >= since))
    summed = [dimension for dimension in dimensions if dimension is not Dimension.ALL]
    if summed:
        parts.append(_rows(campaign_ids, _row.dimension.in_(summed), _row.hour == EVER))
    waiting = changes(_waiting(campaign_ids), dimensions, by_the_hour=False).subquery()
    return union_all(*parts, select(waiting)).subquery("current")


def everything(campaign_id: int, dimension: Dimension) -> Subquery:
    """A campaign's rollups of one dimension, all hours and their sum, as they would stand with all deltas folded."""
    waiting = changes(_waiting([campaign_id]), [dimension]).subquery()
    return union_all(_rows([campaign_id], _row.dimension == dimension), select(waiting)).subquery("everything")


def current_delays(campaign_ids: Sequence[int]) -> Subquery:
    """Campaigns' confirmation delays as they would stand with all deltas folded: rows of DELAY_KEYS and `count`."""
    rows: Select[Any] = select(*(getattr(ConfirmationDelay, name) for name in (*DELAY_KEYS, "count"))).where(
        ConfirmationDelay.campaign_id.in_(campaign_ids)
    )
    return union_all(rows, delays(_waiting(campaign_ids))).subquery("current_delays")


def _rows(campaign_ids: Sequence[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(*(getattr(_row, name) for name in (*KEYS, *MEASURES))).where(
        _row.campaign_id.in_(campaign_ids), *conditions
    )


def _waiting(campaign_ids: Sequence[int]) -> Any:
    return moves_of_deltas(TallyDelta.campaign_id.in_(campaign_ids))
