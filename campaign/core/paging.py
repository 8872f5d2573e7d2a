"""Keyset pages: a list continues after the last row seen, so page one and page one thousand cost the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and, if there are more, the cursor (a row id) after which they go on."""

    items: Sequence[T]
    next: int | None


def page_of(rows: Sequence[T], limit: int) -> Page[T]:
    """A page made from a query for `limit + 1` rows that have an `id`."""
    shown = rows[:limit]
    return Page(items=shown, next=shown[-1].id if len(rows) > limit else None)  # type: ignore[attr-defined]


def parse_cursor(text: str | None) -> int | None:
    """The cursor as it came in a query string; anything that is no positive number starts at the top."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
