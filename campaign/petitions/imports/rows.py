"""Looking a row through: either a signature that can be stored, or what is wrong with it, all of it at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from campaign.core.addresses import AddressRefused, address_key, check_address, mailbox_key
from campaign.core.csv_columns import Header
from campaign.core.csv_reading import Record, has_control, is_unreadable, read_day
from campaign.core.formatting import countries, country_codes
from campaign.core.text import (
    LONGEST_COMMENT,
    LONGEST_POSTCODE,
    NameProblem,
    NameRefused,
    TextRefused,
    check_name,
    clean_block,
    clean_line,
)
from campaign.petitions.imports.columns import Column


class Kind(StrEnum):
    """What may be wrong with a row; the doors have a sentence for each."""

    BROKEN = "broken"
    COLUMNS = "columns"
    UNREADABLE = "unreadable"
    CONTROL = "control"
    TOO_LONG = "too_long"
    NO_CONSENT = "no_consent"
    NO_NAME = "no_name"
    NAME_LINES = "name_lines"
    NAME_SIGNS = "name_signs"
    NO_ADDRESS = "no_address"
    NO_AT = "no_at"
    BAD_ADDRESS = "bad_address"
    NO_COUNTRY = "no_country"
    UNKNOWN_COUNTRY = "unknown_country"
    BAD_DATE = "bad_date"
    FUTURE_DATE = "future_date"
    EARLY_DATE = "early_date"
    TWICE_IN_FILE = "twice_in_file"
    THERE_ALREADY = "there_already"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the row on `line`. `other` is the line that it is the same as, where it is."""

    line: int
    kind: Kind
    column: str = ""
    other: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A row that may be stored."""

    line: int
    name: str
    email: str
    email_key: str
    mailbox_key: str
    country: str
    postcode: str
    comment: str
    show_name: bool
    signed_on: date


@dataclass(frozen=True)
class Rules:
    """What holds for all rows of a file. `today` is the day where the site is, `earliest` the first that is taken."""

    header: Header
    country: str
    collected_on: date
    earliest: date
    today: date
    hash_key: str


_YES = frozenset(
    ["yes", "y", "true", "t", "1", "x", "ok", "agreed", "ja", "oui", "si", "sí", "sim", "tak", "так", "ano", "✓", "✔"]
)
_COUNTRIES_BY = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "usa": "US", "united states of america": "US",
}  # fmt: skip
_NAMES = {
    NameProblem.LINES: Kind.NAME_LINES,
    NameProblem.EMPTY: Kind.NO_NAME,
    NameProblem.LONG: Kind.TOO_LONG,
    NameProblem.SIGNS: Kind.NAME_SIGNS,
}


def check_row(record: Record, rules: Rules) -> Candidate | list[Finding]:
    """What the row is, as far as it tells by itself; whether somebody signed already is not asked here."""
    cells = record.fit(rules.header)
    if cells is None:
        return [Finding(record.line, Kind.BROKEN if record.cells is None else Kind.COLUMNS)]
    row = _Row(record.line, cells, rules)
    found = list(row.read())
    return found or row.candidate()


class _Row:
    """One row while it is read, column by column."""

    def __init__(self, line: int, cells: list[str], rules: Rules) -> None:
        self._line, self._cells, self._rules = line, cells, rules
        self._values: dict[str, str] = {}
        self._signed_on = rules.collected_on

    def read(self) -> Iterator[Finding]:
        """All that is wrong."""
        if bad := list(self._characters()):
            yield from bad
            return
        readers = (
            (Column.CONSENT, self._consent), (Column.NAME, self._name), (Column.EMAIL, self._email),
            (Column.COUNTRY, self._country), (Column.POSTCODE, self._postcode), (Column.COMMENT, self._comment),
            (Column.SIGNED_ON, self._day),
        )  # fmt: skip
        for column, reader in readers:
            if (kind := reader()) is not None:
                yield Finding(self._line, kind, column.value)

    def candidate(self) -> Candidate:
        """What was read; only where nothing was wrong."""
        email, key = self._values["email"], self._rules.hash_key
        return Candidate(
            line=self._line,
            name=self._values["name"],
            email=email,
            email_key=address_key(key, email),
            mailbox_key=mailbox_key(key, email),
            country=self._values["country"],
            postcode=self._values["postcode"],
            comment=self._values["comment"],
            show_name=self._is_yes(Column.SHOW_NAME),
            signed_on=self._signed_on,
        )

    def _characters(self) -> Iterator[Finding]:
        """Characters that no honest file has, in the columns that are read."""
        for column in self._rules.header.places:
            text = self._get(column)
            if is_unreadable(text):
                yield Finding(self._line, Kind.UNREADABLE, column)
            elif has_control(text):
                yield Finding(self._line, Kind.CONTROL, column)

    def _get(self, column: str) -> str:
        return self._rules.header.read(self._cells, column)

    def _is_yes(self, column: Column) -> bool:
        return self._get(column).casefold() in _YES

    def _consent(self) -> Kind | None:
        return None if self._is_yes(Column.CONSENT) else Kind.NO_CONSENT

    def _name(self) -> Kind | None:
        typed = self._get(Column.NAME) or f"{self._get(Column.FIRST_NAME)} {self._get(Column.LAST_NAME)}"
        try:
            self._values["name"] = check_name(typed)
        except NameRefused as refused:
            return _NAMES[refused.problem]
        return None

    def _email(self) -> Kind | None:
        typed = self._get(Column.EMAIL)
        if not typed:
            return Kind.NO_ADDRESS
        if "@" not in typed:
            return Kind.NO_AT
        try:
            self._values["email"] = check_address(typed)
        except AddressRefused:
            return Kind.BAD_ADDRESS
        return None

    def _country(self) -> Kind | None:
        typed = self._get(Column.COUNTRY)
        code = _country_of(typed) if typed else self._rules.country
        if not code:
            return Kind.UNKNOWN_COUNTRY if typed else Kind.NO_COUNTRY
        self._values["country"] = code
        return None

    def _postcode(self) -> Kind | None:
        try:
            postcode = clean_line(self._get(Column.POSTCODE)).upper()
        except TextRefused:
            return Kind.CONTROL
        self._values["postcode"] = postcode
        return Kind.TOO_LONG if len(postcode) > LONGEST_POSTCODE else None

    def _comment(self) -> Kind | None:
        self._values["comment"] = comment = clean_block(self._get(Column.COMMENT))
        return Kind.TOO_LONG if len(comment) > LONGEST_COMMENT else None

    def _day(self) -> Kind | None:
        typed = self._get(Column.SIGNED_ON)
        if not typed:
            return None
        day = read_day(typed)
        if day is None:
            return Kind.BAD_DATE
        if day < self._rules.earliest:
            return Kind.EARLY_DATE
        self._signed_on = day
        return Kind.FUTURE_DATE if day > self._rules.today else None


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    return {name.casefold(): code for code, name in countries("en")} | _COUNTRIES_BY


def _country_of(typed: str) -> str:
    """The code for a code or an English name, in any case; empty for neither."""
    code = typed.upper()
    if code in country_codes() and len(typed) == 2:
        return code
    return _country_names().get(" ".join(typed.casefold().split()), "")
