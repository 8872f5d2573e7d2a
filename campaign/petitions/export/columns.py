"""The columns that may leave the house, each as a spreadsheet's cell and as a plain value; an allow-list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, case, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from campaign.campaigns.models import Demand
from campaign.core.bulk import TextColumn, TimeColumn, inert_text, utc_text
from campaign.petitions.models import CommentState, Signature

_published_comment = case((Signature.comment_state == CommentState.PUBLISHED, Signature.comment))


@dataclass(frozen=True)
class Column:
    """`cell` is text that no spreadsheet runs, `value` what JSON tells, `plain` makes it of what the driver gives."""

    cell: ColumnElement[Any]
    value: ColumnElement[Any]
    plain: Callable[[Any], Any] | None = None


def _text(column: TextColumn) -> Column:
    return Column(inert_text(column), column if isinstance(column, ColumnElement) else column.expression)


def _time(column: TimeColumn) -> Column:
    return Column(utc_text(column), utc_text(column))


def _yes_no(column: InstrumentedAttribute[bool]) -> Column:
    return Column(case((column, "yes"), else_="no"), column.expression, bool)


# Who signed, from where, and when. `show_name` says who may be named in public.
USUAL = ("name", "country", "signed_at", "confirmed_at", "show_name")
# What some purposes need as well.
FURTHER = ("source", "origin", "demand_version", "comment")
# What finds a person, only where it was asked for with a tick of its own.
ADDRESSES = ("email", "postcode")

COLUMNS: dict[str, Column] = {
    "name": _text(Signature.name),
    "country": _text(Signature.country),
    "signed_at": _time(Signature.created_at),
    "confirmed_at": _time(Signature.confirmed_at),
    "show_name": _yes_no(Signature.show_name),
    "source": _text(Signature.source),
    "origin": Column(type_coerce(Signature.origin, Text), type_coerce(Signature.origin, Text)),
    "demand_version": Column(Demand.version.expression, Demand.version.expression),
    "comment": _text(_published_comment),
    "email": _text(Signature.email),
    "postcode": _text(Signature.postcode),
}


def plain_values(names: list[str]) -> Callable[[tuple[Any, ...]], list[Any]]:
    """A function that makes plain values of a row of `value`s as the driver gives it: SQLite knows no yes and no."""
    changes = [(place, plain) for place, name in enumerate(names) if (plain := COLUMNS[name].plain)]

    def convert(row: tuple[Any, ...]) -> list[Any]:
        values = list(row)
        for place, plain in changes:
            values[place] = plain(values[place])
        return values

    return convert
