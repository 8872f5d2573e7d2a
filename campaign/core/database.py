"""The database: declarative base, column types, engine set-up for both engines, and the one way to commit.

Reads use `db.session`, which never begins IMMEDIATE. Writes use `with transaction() as session:`, a session of its own
that on SQLite takes the write lock at once, so that concurrent writers wait instead of failing with "database is
locked" (https://www.sqlite.org/lang_transaction.html). A pragma of one engine lives here and nowhere else.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, MetaData, Text, TypeDecorator, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, registry

SQLITE_BUSY_MILLISECONDS = 15_000
POSTGRES_CONNECT_SECONDS = 5
# https://www.postgresql.org/docs/current/errcodes-appendix.html: serialization_failure, deadlock_detected
_TRY_AGAIN = frozenset(["40001", "40P01"])

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC, aware on both sides; SQLite, which has no zones, stores it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are aware; use campaign.core.clock")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# A 64-bit key; SQLite numbers rows by itself only in a column declared INTEGER.
BigKey = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Base of all models."""

    registry = registry(
        type_annotation_map={str: Text(), datetime: UtcDateTime()},
        metadata=MetaData(naming_convention=NAMING),
    )


db = SQLAlchemy(model_class=Base)


def state_column(states: type[StrEnum]) -> Enum:
    """Type of a column that holds one of the values of a StrEnum, as text: a new value needs no migration."""
    return Enum(
        states,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda kind: [s.value for s in kind],
    )


def engine_options(address: str, threads: int) -> dict[str, Any]:
    """Options for `create_engine`: each thread may hold one reading and one writing connection."""
    options: dict[str, Any] = {
        "hide_parameters": True,  # an error that is logged must not carry a name or an address
        "pool_size": 2 * threads,
        "max_overflow": 4,
        "pool_timeout": 10,
    }
    if address.startswith("sqlite"):
        options["connect_args"] = {"timeout": SQLITE_BUSY_MILLISECONDS / 1000}
    else:
        options["pool_pre_ping"] = True
        options["connect_args"] = {"connect_timeout": POSTGRES_CONNECT_SECONDS}
    return options


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin` below does
    for pragma in (
        f"busy_timeout={SQLITE_BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert_into(session: Session, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, for the engine at hand; both engines write it alike."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(model)
    return sqlite.insert(model)


def lost_to_another(error: DBAPIError) -> bool:
    """True where PostgreSQL took the transaction back for another's sake: the same again may well succeed."""
    return getattr(error.orig, "sqlstate", None) in _TRY_AGAIN


@contextmanager
def snapshot() -> Iterator[Session]:
    """A session that reads one moment of the database for as long as it takes, while others write.

    The moment is that of its first statement. SQLite's readers see one moment anyway; PostgreSQL is told to.
    """
    options = {} if db.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with Session(db.engine.execution_options(**options)) as session:
        yield session


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that writes: commits when the block ends, rolls back when it raises. The only place that commits.

    Objects stay readable after the commit. Not to be nested, and no network call belongs inside one.
    """
    # One connection at a time for each thread: what was read stays usable, and its connection goes back to the pool.
    db.session.close()
    with Session(db.engine, expire_on_commit=False, execution_options={"writes": True}) as session:
        with session.begin():
            yield session
    # What was read before this write belongs to an older snapshot.
    db.session.rollback()
