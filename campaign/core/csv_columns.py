"""Which column of a file is what: known by the names that people give them, in any order and spelling."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    """Where each column is, how many there are in all, and the names of those that are left alone."""

    places: Mapping[str, int]
    width: int
    ignored: tuple[str, ...]

    def read(self, cells: Sequence[str], column: str) -> str:
        """What a row has there, without white space around it; empty where there is no such column."""
        place = self.places.get(column)
        return cells[place].strip() if place is not None else ""


class ColumnTwice(ValueError):
    """Two columns of the file mean the same; `column` says what."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


@dataclass(frozen=True)
class Wanted:
    """The columns that a kind of file may have. All others are left alone.

    `known_as` has the names of each, in small letters with single spaces; `missing` tells of the columns that are there
    which others are needed. Of a column that `may_repeat` the first counts.
    """

    known_as: Mapping[str, tuple[str, ...]]
    missing: Callable[[Collection[str]], tuple[str, ...]]
    may_repeat: Collection[str] = ()

    def read_header(self, cells: Sequence[str]) -> Header:
        """The header that the file's first line is. Raises ColumnTwice."""
        columns = {known: column for column, names in self.known_as.items() for known in names}
        places: dict[str, int] = {}
        ignored = []
        for place, typed in enumerate(cells):
            column = columns.get(_compared(typed))
            if column is None:
                ignored.append(typed.strip()[:60])
            elif column in places:
                if column not in self.may_repeat:
                    raise ColumnTwice(column)
                ignored.append(typed.strip())
            else:
                places[column] = place
        return Header(places, len(cells), tuple(name for name in ignored if name))


def _compared(typed: str) -> str:
    return re.sub(r"[\s_.-]+", " ", typed.strip().casefold()).strip()
