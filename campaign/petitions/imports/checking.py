"""Holding each row against the rules of the sign form, and telling why one is left out."""

import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Self

from campaign.core.addresses import AddressRefused, address_key, check_address
from campaign.core.formatting import country_codes
from campaign.core.text import TextRefused, clean_block, clean_line, has_link, starts_formula
from campaign.petitions.imports.reading import Line

LONGEST_NAME, LONGEST_POSTCODE, LONGEST_COMMENT = 100, 16, 1000
_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si", "tak", "так"})


class Finding(StrEnum):
    """Why a row is left out; the command has a sentence for each."""

    COLUMNS = "columns"
    UNREADABLE = "unreadable"
    NAME_MISSING = "name_missing"
    NAME_REFUSED = "name_refused"
    NAME_LONG = "name_long"
    ADDRESS_MISSING = "address_missing"
    ADDRESS_REFUSED = "address_refused"
    COUNTRY = "country"
    POSTCODE_LONG = "postcode_long"
    COMMENT_LONG = "comment_long"
    CONSENT = "consent"
    DAY = "day"
    DAY_AHEAD = "day_ahead"
    TWICE = "twice"
    KNOWN = "known"
    WITHDRAWN = "withdrawn"


class Refused(Exception):
    """The row is left out, for `finding`."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.value)
        self.finding = finding


@dataclass(frozen=True)
class Row:
    """A row that is fit to be stored."""

    number: int
    name: str
    email: str
    email_key: str
    country: str
    postcode: str
    comment: str
    show_name: bool
    signed_at: datetime


@dataclass(frozen=True)
class Defaults:
    """What rows that say nothing get: the country ("" for none), and the day up to which was collected."""

    country: str
    collected_on: date
    today: date
    hash_key: str


def check_line(line: Line, defaults: Defaults) -> Row:
    """The row as it may be stored. Raises Refused with the first thing that is wrong."""
    fields = line.fields
    if fields is None:
        raise Refused(Finding.COLUMNS)
    if any(_is_unreadable(value) for value in fields.values()):
        raise Refused(Finding.UNREADABLE)
    if fields["consent"].strip().casefold() not in _YES:
        raise Refused(Finding.CONSENT)
    email = _address(fields["email"])
    return Row(
        number=line.number,
        name=_name(fields["name"]),
        email=email,
        email_key=address_key(defaults.hash_key, email),
        country=_country(fields.get("country", ""), defaults.country),
        postcode=_short(fields.get("postcode", ""), LONGEST_POSTCODE, Finding.POSTCODE_LONG).upper(),
        comment=_comment(fields.get("comment", "")),
        show_name=fields.get("show_name", "").strip().casefold() in _YES,
        signed_at=_signed_at(fields.get("signed_at", ""), defaults),
    )


def _is_unreadable(value: str) -> bool:
    return any(char in "\x00\ufffd" or unicodedata.category(char) == "Cs" for char in value)


def _name(typed: str) -> str:
    try:
        name = clean_line(typed)
    except TextRefused:
        raise Refused(Finding.NAME_REFUSED) from None
    if not any(unicodedata.category(char).startswith("L") for char in name):
        raise Refused(Finding.NAME_MISSING)
    if len(name) > LONGEST_NAME:
        raise Refused(Finding.NAME_LONG)
    if has_link(name) or "@" in name or starts_formula(name):
        raise Refused(Finding.NAME_REFUSED)
    return name


def _address(typed: str) -> str:
    if not typed.strip():
        raise Refused(Finding.ADDRESS_MISSING)
    try:
        return check_address(typed)
    except AddressRefused:
        raise Refused(Finding.ADDRESS_REFUSED) from None


def _country(typed: str, default: str) -> str:
    code = typed.strip().upper() or default
    if code not in country_codes():
        raise Refused(Finding.COUNTRY)
    return code


def _short(typed: str, longest: int, finding: Finding) -> str:
    try:
        text = clean_line(typed)
    except TextRefused:
        raise Refused(Finding.UNREADABLE) from None
    if len(text) > longest:
        raise Refused(finding)
    return text


def _comment(typed: str) -> str:
    text = clean_block(typed)
    if len(text) > LONGEST_COMMENT:
        raise Refused(Finding.COMMENT_LONG)
    return text


def _signed_at(typed: str, defaults: Defaults) -> datetime:
    """Noon of the day: lists know no hours, and noon is the same day nearly everywhere."""
    try:
        day = date.fromisoformat(typed.strip()) if typed.strip() else defaults.collected_on
    except ValueError:
        raise Refused(Finding.DAY) from None
    if day > defaults.today:
        raise Refused(Finding.DAY_AHEAD)
    return datetime.combine(day, time(12), UTC)


class Seen:
    """Which addresses the file has had so far: on disk, so that memory does not grow with the file."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def first_ones(self, rows: Sequence[Row]) -> list[bool]:
        """For each row whether its address comes for the first time; it counts as seen from then on."""
        insert = "INSERT OR IGNORE INTO seen VALUES (?)"
        return [self._database.execute(insert, (row.email_key,)).rowcount == 1 for row in rows]
