"""Many rows at once, out as text that the database makes, or in: the driver's own cursor hands them on.

SQLAlchemy's row objects would cost several times what the database does. All values come from columns and bound
parameters; what differs between the engines is here and nowhere else.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Select, Text, case, func, literal_column
from sqlalchemy import text as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

from campaign.core.text import FORMULA_STARTS

CHUNK = 5_000

TextColumn = InstrumentedAttribute[str] | InstrumentedAttribute[str | None] | ColumnElement[Any]
TimeColumn = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


class utc_text(FunctionElement[str]):  # noqa: N801 - reads like the function of SQL that it is
    """A time as RFC 3339 in UTC, to the second."""

    name = "utc_text"
    type = Text()
    inherit_cache = True


@compiles(utc_text, "postgresql")
def _utc_text_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


@compiles(utc_text, "sqlite")
def _utc_text_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    """SQLite keeps times as text in UTC: `2026-03-12 14:00:00.000000`."""
    column = compiler.process(element.clauses, **options)
    return f"substr({column}, 1, 10) || 'T' || substr({column}, 12, 8) || 'Z'"


_QUOTED_STARTS = ", ".join(f"'{start}'" for start in FORMULA_STARTS)
_STARTS: ColumnElement[Any] = literal_column(f"({_QUOTED_STARTS})")


def inert_text(column: TextColumn) -> ColumnElement[str]:
    """What `core.text.inert_cell` makes of the column, made by the database; an empty text for none.

    COPY writes `""` for an empty text and nothing for NULL, Python's csv `""` for both. Carriage returns would be kept
    as they are: cleaned text has none, and what else is in the database loses them.
    """
    text = func.replace(column, literal_column("'\r'"), literal_column("''"))
    first = func.substr(func.ltrim(text, literal_column("' '")), literal_column("1"), literal_column("1"))
    inert = literal_column("''''", Text).concat(text)
    return case((first.op("IN")(_STARTS), inert), else_=func.coalesce(text, literal_column("''")))


def statement_of(query: Select[*tuple[Any, ...]], dialect: Dialect) -> tuple[str, Any]:
    """The query as the driver itself takes it: SQL and parameters."""
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values = {
        name: _for_driver(compiled.binds[name].type, value, dialect)
        for name, value in compiled.construct_params().items()
        if name in compiled.binds
    }
    positions = getattr(compiled, "positiontup", None)
    return str(compiled), [values[name] for name in positions] if positions else values


def _for_driver(kind: Any, value: Any, dialect: Dialect) -> Any:
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    return process(value) if process else value


def read_chunks(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of the query as plain tuples, a few thousand at a time, never all of them."""
    statement, parameters = statement_of(query, session.get_bind().dialect)
    connection: Any = session.connection().connection.driver_connection
    if is_postgresql(session):
        with connection.cursor(name="chunks") as cursor:  # a named cursor stays on the server
            cursor.execute(statement, parameters)
            while rows := cursor.fetchmany(CHUNK):
                yield rows
        return
    cursor = connection.execute(statement, parameters)
    try:
        while rows := cursor.fetchmany(CHUNK):
            yield rows
    finally:
        cursor.close()


def copy_csv(session: Session, query: Select[*tuple[Any, ...]], write: Callable[[bytes], object]) -> int:
    """Hand PostgreSQL's own CSV of the query to `write`, in UTF-8 and without a line of names; gives how many rows.

    Every cell that is not NULL stands in quotes, for the reason that `core/csv_writing.py` tells.
    """
    options = "FORMAT csv, FORCE_QUOTE *, ENCODING 'UTF8'"
    statement, parameters = statement_of(query, session.get_bind().dialect)
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY ({statement}) TO STDOUT ({options})", parameters) as copy:
            for block in copy:
                write(bytes(block))
        count: int = cursor.rowcount
    return count


def insert_rows(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert plain tuples, by COPY or the driver's `executemany`. Times are in UTC.

    Nothing checks or completes a row but the database. Table and columns are names of ours.
    """
    connection: Any = session.connection().connection.driver_connection
    names = ", ".join(columns)
    if is_postgresql(session):
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    kept = ([_as_kept(value) if type(value) is datetime else value for value in row] for row in rows)
    # By itself SQLite keeps two megabytes of pages at hand, and random keys would have it write each page many times.
    connection.execute("PRAGMA cache_size=-262144")
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", kept)  # noqa: S608
    connection.execute("PRAGMA cache_size=-2000")


def _as_kept(moment: datetime) -> str:
    """A time as SQLAlchemy keeps it on SQLite, where a column of times is text."""
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def refresh_statistics(session: Session) -> None:
    """Let the database look at how its rows are spread, as it should after many were added."""
    session.execute(sql("ANALYZE"))


def is_postgresql(session: Session) -> bool:
    """True on PostgreSQL, false on SQLite."""
    return session.get_bind().dialect.name == "postgresql"
