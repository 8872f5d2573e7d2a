"""What every list and every format of one has in common."""

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Select

Progress = Callable[[int], None]
"""Told how many rows are written so far; may raise to stop the writing."""


def unwatched(_rows: int) -> None:
    """Progress for who does not look."""


class Listing(Protocol):
    """Which rows of a campaign leave, and which of their columns."""

    @property
    def campaign_id(self) -> int: ...

    @property
    def chosen(self) -> tuple[str, ...]:
        """The columns as they were asked for."""

    @property
    def include_addresses(self) -> bool:
        """Whether the second tick was set."""

    @property
    def columns(self) -> list[str]:
        """The names of all columns that leave, in their order."""

    def filters(self) -> dict[str, Any]:
        """Which rows, as a job's row and the trail keep it."""

    def cells(self) -> Select[Any]:
        """The rows as cells of a spreadsheet, oldest first."""

    def values(self) -> Select[Any]:
        """The rows as plain values, oldest first."""

    def plain(self) -> Callable[[tuple[Any, ...]], list[Any]]:
        """What makes JSON's values of a row of `values`."""

    def count(self) -> Select[int]:
        """How many rows there are."""
