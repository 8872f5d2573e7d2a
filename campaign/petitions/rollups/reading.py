"""Reading the rollups, with the moves that are not folded yet: exact at once, as the count is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Subquery, select, union_all

from campaign.petitions.models import ConfirmationDelay, Dimension, SignatureRollup, TallyDelta
from campaign.petitions.rollups.changes import DELAY_KEYS, KEYS, MEASURES, changes, delays, moves_of_deltas


def current(campaign_ids: Sequence[int], *dimensions: Dimension) -> Subquery:
    """Campaigns' rollups of some dimensions, as they would stand with all deltas folded: rows of KEYS and MEASURES.

    Several rows for one key: sum them up. Sources not named yet stand under OTHER_SOURCES.
    """
    rows = select(*(getattr(SignatureRollup, name) for name in (*KEYS, *MEASURES))).where(
        SignatureRollup.campaign_id.in_(campaign_ids), SignatureRollup.dimension.in_(dimensions)
    )
    waiting = select(changes(moves_of_deltas(TallyDelta.campaign_id.in_(campaign_ids)), dimensions).subquery())
    return union_all(rows, waiting).subquery("current")


def current_delays(campaign_ids: Sequence[int]) -> Subquery:
    """Campaigns' confirmation delays as they would stand with all deltas folded: rows of DELAY_KEYS and `count`."""
    rows: Select[Any] = select(*(getattr(ConfirmationDelay, name) for name in (*DELAY_KEYS, "count"))).where(
        ConfirmationDelay.campaign_id.in_(campaign_ids)
    )
    return union_all(rows, delays(moves_of_deltas(TallyDelta.campaign_id.in_(campaign_ids)))).subquery("current_delays")
