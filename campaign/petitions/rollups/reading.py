"""Reading the rollups, with the moves that are not folded yet: exact at once, as the count is."""

from typing import Any

from sqlalchemy import Select, Subquery, func, select, union_all

from campaign.petitions.models import ConfirmationDelay, Dimension, SignatureRollup, TallyDelta
from campaign.petitions.rollups.changes import DELAY_KEYS, KEYS, MEASURES, changes, delays, moves_of_deltas


def current(campaign_id: int, dimension: Dimension) -> Subquery:
    """A campaign's rollups of one dimension, as they would stand with every delta folded: rows of KEYS and MEASURES.

    Several rows for one key: sum them up. Sources not named yet stand under OTHER_SOURCES.
    """
    rows = select(*(getattr(SignatureRollup, name) for name in (*KEYS, *MEASURES))).where(
        SignatureRollup.campaign_id == campaign_id, SignatureRollup.dimension == dimension
    )
    waiting = select(changes(moves_of_deltas(TallyDelta.campaign_id == campaign_id), [dimension]).subquery())
    return union_all(rows, waiting).subquery("current")


def current_delays(campaign_id: int) -> Subquery:
    """A campaign's confirmation delays as they would stand with every delta folded: rows of DELAY_KEYS and `count`."""
    rows: Select[Any] = select(*(getattr(ConfirmationDelay, name) for name in (*DELAY_KEYS, "count"))).where(
        ConfirmationDelay.campaign_id == campaign_id
    )
    return union_all(rows, delays(moves_of_deltas(TallyDelta.campaign_id == campaign_id))).subquery("current_delays")


def sums(found: Subquery) -> list[Any]:
    """The measures of `current`, each summed up."""
    return [func.sum(found.c[name]).label(name) for name in MEASURES]
