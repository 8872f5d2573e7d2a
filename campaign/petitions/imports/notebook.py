"""What a check has found so far: a small SQLite file beside the rows, and no part of the site's database.

How far the check is, is stored together with what it found, so one that was killed goes on where it was. It holds lines
and kinds, and for as long as the check takes the keyed hashes of addresses; nothing that tells who it is about.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from campaign.petitions.imports.rows import Candidate, Finding, Kind

CHUNK = 1_000
_CACHE_PAGES = 4_000
_TABLES = (
    "CREATE TABLE IF NOT EXISTS progress (done INTEGER NOT NULL, good INTEGER NOT NULL)",
    "INSERT INTO progress SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM progress)",
    "CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS finding "
    "(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL, other INTEGER)",
)


class Notebook:
    """The findings of one check, being written."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path)
        for pragma in ("journal_mode=TRUNCATE", "synchronous=NORMAL", f"cache_size={_CACHE_PAGES}"):
            self._file.execute(f"PRAGMA {pragma}")
        with self._file:
            for statement in _TABLES:
                self._file.execute(statement)
        self.done, self.good = self._file.execute("SELECT done, good FROM progress").fetchone()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def note(self, records: int, good: Sequence[Candidate], findings: Sequence[Finding]) -> None:
        """So many more records were looked at. Of the good ones, an address that came before is a finding as well."""
        found, twice = list(findings), 0
        with self._file:
            for candidate in good:
                if (first := self._first_line(candidate)) is not None:
                    found.append(Finding(candidate.line, Kind.TWICE_IN_FILE, "email", first))
                    twice += 1
            rows = [
                (one.line, one.kind.value, one.column, one.other) for one in sorted(found, key=lambda one: one.line)
            ]
            self._file.executemany("INSERT INTO finding (line, kind, place, other) VALUES (?, ?, ?, ?)", rows)
            self.done, self.good = self.done + records, self.good + len(good) - twice
            self._file.execute("UPDATE progress SET done = ?, good = ?", (self.done, self.good))

    def _first_line(self, candidate: Candidate) -> int | None:
        """The line that had this address before; None where this is the first."""
        added = self._file.execute(
            "INSERT OR IGNORE INTO seen (key, line) VALUES (?, ?)", (candidate.email_key, candidate.line)
        )
        if added.rowcount:
            return None
        line: int
        (line,) = self._file.execute("SELECT line FROM seen WHERE key = ?", (candidate.email_key,)).fetchone()
        return line

    def close_book(self) -> dict[str, int]:
        """Forget the addresses; gives how often each kind was found."""
        with self._file:
            self._file.execute("DELETE FROM seen")
        self._file.execute("VACUUM")
        return dict(self._file.execute("SELECT kind, count(*) FROM finding GROUP BY kind").fetchall())


def read_findings(path: Path, *, after: int = 0, limit: int | None = None) -> Iterator[tuple[int, Finding]]:
    """The findings in a notebook after the given one, each with its number; nothing where there is no notebook."""
    if not path.is_file():
        return
    file = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = file.execute(
            "SELECT id, line, kind, place, other FROM finding WHERE id > ? ORDER BY id LIMIT ?",
            (after, -1 if limit is None else limit),
        )
        while chunk := rows.fetchmany(CHUNK):
            for number, line, kind, place, other in chunk:
                yield number, Finding(line, Kind(kind), place, other)
    finally:
        file.close()
