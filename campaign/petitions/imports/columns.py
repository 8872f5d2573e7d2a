"""The columns that a file of signatures may have."""

from collections.abc import Collection
from enum import StrEnum

from campaign.core.csv_columns import Wanted


class Column(StrEnum):
    """What a column of the file may be."""

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


# The names in our own exports are among them.
_KNOWN_AS: dict[str, tuple[str, ...]] = {
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


def _missing(there: Collection[str]) -> tuple[str, ...]:
    """The columns without which nothing can be imported."""
    needed = [Column.EMAIL, Column.CONSENT]
    if not {Column.FIRST_NAME, Column.LAST_NAME} <= set(there):
        needed.insert(0, Column.NAME)
    return tuple(column for column in needed if column not in there)


# An export of ours has two times; the first is when the form was sent.
WANTED = Wanted(_KNOWN_AS, _missing, may_repeat={Column.SIGNED_ON})
