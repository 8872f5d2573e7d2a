"""Which column of a file is what: known by the names that people give them, in any order and spelling."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Column(StrEnum):
    """What a column of the file may be. All others are left alone."""

    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    COUNTRY = "country"
    POSTCODE = "postcode"
    COMMENT = "comment"
    SHOW_NAME = "show_name"
    SIGNED_ON = "signed_on"
    CONSENT = "consent"


# As they are compared: small letters, single spaces. The names in our own exports are among them.
_KNOWN_AS: dict[Column, tuple[str, ...]] = {
    Column.NAME: ("name", "full name", "fullname", "signatory", "signer"),
    Column.FIRST_NAME: ("first name", "firstname", "forename", "given name"),
    Column.LAST_NAME: ("last name", "lastname", "surname", "family name"),
    Column.EMAIL: ("email", "e mail", "email address", "e mail address", "mail"),
    Column.COUNTRY: ("country", "country code"),
    Column.POSTCODE: ("postcode", "post code", "postal code", "zip", "zip code"),
    Column.COMMENT: ("comment", "message", "reason"),
    Column.SHOW_NAME: ("show name", "public", "may be named"),
    Column.SIGNED_ON: ("signed on", "signed at", "signed", "date", "date signed", "confirmed at", "timestamp"),
    Column.CONSENT: ("consent", "consent given", "agreed", "agrees"),
}
_COLUMNS = {known: column for column, names in _KNOWN_AS.items() for known in names}


@dataclass(frozen=True)
class Header:
    """Where each column is, how many there are in all, and the names of those that are left alone."""

    places: dict[Column, int]
    width: int
    ignored: tuple[str, ...]

    def read(self, cells: Sequence[str], column: Column) -> str:
        """What a row has there, without white space around it; empty where there is no such column."""
        place = self.places.get(column)
        return cells[place].strip() if place is not None else ""

    @property
    def missing(self) -> tuple[Column, ...]:
        """The columns without which nothing can be imported."""
        needed = [Column.EMAIL, Column.CONSENT]
        if not {Column.FIRST_NAME, Column.LAST_NAME} <= self.places.keys():
            needed.insert(0, Column.NAME)
        return tuple(column for column in needed if column not in self.places)


class ColumnTwice(ValueError):
    """Two columns of the file mean the same; `column` says what."""

    def __init__(self, column: Column) -> None:
        super().__init__(column.value)
        self.column = column


def read_header(cells: Sequence[str]) -> Header:
    """The header that the file's first line is. Raises ColumnTwice."""
    places: dict[Column, int] = {}
    ignored = []
    for place, typed in enumerate(cells):
        column = _COLUMNS.get(_compared(typed))
        if column is None:
            ignored.append(typed.strip()[:60])
        elif column in places:
            # An export of ours has two times; the first is when the form was sent.
            if column is not Column.SIGNED_ON:
                raise ColumnTwice(column)
            ignored.append(typed.strip())
        else:
            places[column] = place
    return Header(places, len(cells), tuple(name for name in ignored if name))


def _compared(typed: str) -> str:
    return re.sub(r"[\s_.-]+", " ", typed.strip().casefold()).strip()
