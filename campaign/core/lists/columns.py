"""A column that may leave the house, as a spreadsheet's cell and as a plain value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, literal_column
from sqlalchemy.orm import InstrumentedAttribute

from campaign.core.bulk import TextColumn, TimeColumn, inert_text, utc_text


@dataclass(frozen=True)
class Column:
    """`cell` is text that no spreadsheet runs, never NULL; `value` is what JSON tells.

    `plain` makes JSON's value of what the driver gives.
    """

    cell: ColumnElement[Any]
    value: ColumnElement[Any]
    plain: Callable[[Any], Any] | None = None


def text_column(column: TextColumn) -> Column:
    """What somebody typed."""
    return Column(inert_text(column), column if isinstance(column, ColumnElement) else column.expression)


def time_column(column: TimeColumn) -> Column:
    """A time, in UTC to the second."""
    return Column(_filled(utc_text(column)), utc_text(column))


def yes_no_column(column: InstrumentedAttribute[bool]) -> Column:
    """A word in a spreadsheet, a boolean in JSON."""
    return Column(case((column, "yes"), else_="no"), column.expression, bool)


def own_column(column: ColumnElement[Any]) -> Column:
    """What this program wrote itself, and no spreadsheet would run."""
    return Column(_filled(column), column)


def _filled(column: ColumnElement[Any]) -> ColumnElement[str]:
    """A cell of text, an empty one where there is nothing: both engines then write the same, `""`."""
    return func.coalesce(cast(column, Text), literal_column("''"))


def plain_values(columns: Mapping[str, Column], names: Sequence[str]) -> Callable[[tuple[Any, ...]], list[Any]]:
    """A function that makes plain values of a row of `value`s as the driver gives it: SQLite knows no yes and no."""
    changes = [(place, plain) for place, name in enumerate(names) if (plain := columns[name].plain)]

    def convert(row: tuple[Any, ...]) -> list[Any]:
        values = list(row)
        for place, plain in changes:
            values[place] = plain(values[place])
        return values

    return convert
