"""What every format of an export has in common."""

from collections.abc import Callable

Progress = Callable[[int], None]
"""Told how many rows are written so far; may raise to stop the writing."""


def unwatched(_rows: int) -> None:
    """Progress for who does not look."""
