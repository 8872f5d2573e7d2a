"""Invalidations as their pages show them: what they are about, and what became of those that were not put back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import ngettext

from campaign.petitions.models import Invalidation


def shown_conditions(invalidation: Invalidation) -> dict[str, Any]:
    """The conditions by name, times as times."""
    stored = invalidation.conditions
    return {
        name: datetime.fromisoformat(value) if name in ("since", "until") else value for name, value in stored.items()
    }


def left_words(left: dict[str, int]) -> list[str]:
    """Why some were not put back, a sentence each."""
    sentences: dict[str, Callable[[int], str]] = {
        "restored": lambda number: ngettext(
            "%(num)s had been restored by a person before.", "%(num)s had been restored by a person before.", number
        ),
        "taken_again": lambda number: ngettext(
            "%(num)s had been restored and rejected again since; it stays out.",
            "%(num)s had been restored and rejected again since; they stay out.",
            number,
        ),
        "withdrawn": lambda number: ngettext(
            "%(num)s was taken back by its signer.", "%(num)s were taken back by their signers.", number
        ),
        "forgotten": lambda number: ngettext(
            "%(num)s belongs to somebody who asked to be forgotten; it stays out.",
            "%(num)s belong to people who asked to be forgotten; they stay out.",
            number,
        ),
    }
    return [words(left[why]) for why, words in sentences.items() if left.get(why)]
