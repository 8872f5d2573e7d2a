"""A figure with its limit, and the table of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Measured(Protocol):
    """One line of the table."""

    @property
    def what(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def limit(self) -> float: ...
    @property
    def unit(self) -> str: ...
    @property
    def holds(self) -> bool: ...


@dataclass(frozen=True)
class Figure:
    """A value that must not pass its limit; `note` says more of how it came about."""

    what: str
    value: float
    limit: float
    unit: str
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.value <= self.limit


def lines(engine: str, found: Iterable[Measured]) -> Sequence[str]:
    """The figures as lines of a table."""
    return [
        f"{engine:<10}  {one.what:<58} {one.value:>8.2f} {one.unit:<5}  at most {one.limit:>5g}  "
        f"{'ok' if one.holds else 'TOO MUCH'}{'  ' + note if (note := getattr(one, 'note', '')) else ''}"
        for one in found
    ]
