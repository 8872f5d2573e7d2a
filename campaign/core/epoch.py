"""Times as whole numbers since 1970, in SQL (alike on both engines) and in Python."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

SECONDS_IN_HOUR = 3600


class epoch(FunctionElement[int]):  # noqa: N801 - it reads as the function that it is
    """Whole seconds from 1970 to the time in a column; NULL where there is none."""

    name = "epoch"
    type = BigInteger()
    inherit_cache = True


@compiles(epoch)
def _postgresql(element: epoch, compiler: Any, **options: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **options)})) AS BIGINT)"


@compiles(epoch, "sqlite")
def _sqlite(element: epoch, compiler: Any, **options: Any) -> str:
    # Of its text the part down to the second: SQLite rounds the last millisecond of a second up.
    return f"CAST(strftime('%s', substr({compiler.process(element.clauses, **options)}, 1, 19)) AS INTEGER)"


def epoch_hour(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """The hour since 1970 in which the time of a column falls."""
    return epoch(moment) // SECONDS_IN_HOUR


def hour_of(moment: datetime) -> int:
    """The hour since 1970 in which a moment falls."""
    return int(moment.timestamp()) // SECONDS_IN_HOUR


def start_of(hour: int) -> datetime:
    """When an hour since 1970 begins, in UTC."""
    return datetime.fromtimestamp(hour * SECONDS_IN_HOUR, UTC)
