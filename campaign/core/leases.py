"""Leases: how a worker takes rows so that no other worker, on any machine, takes them too.

A row is due when its `available_at` has come; taking it moves `available_at` to the end of the lease and counts the
attempt. Both are committed before any work is done, so a worker that dies leaves rows that become due again by
themselves.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, exists, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column


class Leased:
    """Columns of a row that workers take."""

    id: Mapped[int]
    available_at: Mapped[datetime] = mapped_column(doc="when a worker may take it (again); the end of a running lease")
    attempts: Mapped[int] = mapped_column(default=0, doc="how often a worker took it")


L = TypeVar("L", bound=Leased)
LONGEST_PAUSE = timedelta(hours=1)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts in vain: two seconds, doubled each time, an hour at most."""
    return min(timedelta(seconds=2 ** min(attempts, 20)), LONGEST_PAUSE)


def anything_due(session: Session, model: type[L], due: ColumnElement[bool], *, now: datetime) -> bool:
    """True where `lease` would find a row."""
    return bool(session.scalar(select(exists().where(due, model.available_at <= now))))


def lease(
    session: Session,
    model: type[L],
    due: ColumnElement[bool],
    *,
    now: datetime,
    limit: int,
    length: timedelta,
    order: Sequence[ColumnElement[Any]] = (),
) -> list[L]:
    """Take up to `limit` rows that are `due` and available. Commit before working on them.

    PostgreSQL skips rows that another worker is just taking; on SQLite the writing transaction is alone anyway.
    """
    query: Select[int] = (
        select(model.id)
        .where(due, model.available_at <= now)
        .order_by(*order, model.available_at, model.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(query))
    if not ids:
        return []
    session.execute(
        update(model).where(model.id.in_(ids)).values(available_at=now + length, attempts=model.attempts + 1)
    )
    rows = {row.id: row for row in session.scalars(select(model).where(model.id.in_(ids)))}
    return [rows[row_id] for row_id in ids]
