"""What a block of code asks of the database, as the database is sent it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from campaign.core.database import db


@dataclass(frozen=True)
class Statement:
    """One statement with its parameters."""

    sql: str
    parameters: Any

    def plan(self) -> str:
        """How the database would answer it, in the database's own words."""
        connection = db.session.connection()
        how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF)"
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{how} {self.sql}", self.parameters))


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """The list of all statements sent while the block runs."""
    sent: list[Statement] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_more: Any) -> None:
        sent.append(Statement(sql, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
