"""Rollups: the sums that the statistics are read from, made of the same deltas as the count.

One description of what a move adds (`changes.py`) serves three: deltas being folded, deltas not folded yet, and the
signatures themselves, each of them one move from nothing to where it stands. All of it is SQL over sets of rows.
"""

from campaign.petitions.rollups.changes import EVER, MEASURES, OTHER_SOURCES, STEPS
from campaign.petitions.rollups.reading import current, current_delays, everything
from campaign.petitions.rollups.rebuilding import rebuild
from campaign.petitions.rollups.tidying import forget_origin, is_anything_to_tidy, tidy
from campaign.petitions.rollups.writing import fold

__all__ = [
    "EVER",
    "MEASURES",
    "OTHER_SOURCES",
    "STEPS",
    "current",
    "current_delays",
    "everything",
    "fold",
    "forget_origin",
    "is_anything_to_tidy",
    "rebuild",
    "tidy",
]
