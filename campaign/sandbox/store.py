"""Where the sandbox keeps everything: one SQLite file, one connection, one lock.

Objects are kept as the JSON that the API shows. Top-level keys that begin with an underscore are
the sandbox's own notes and are taken off before an object leaves (see ``expand.render``).
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Obj = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_age ON objects (kind, created, seq);
CREATE INDEX IF NOT EXISTS objects_by_intent
    ON objects (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_by_charge ON objects (kind, json_extract(body, '$.charge'));
CREATE INDEX IF NOT EXISTS objects_by_status ON objects (kind, json_extract(body, '$.status'));
CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (kind, json_extract(body, '$.customer'));
CREATE INDEX IF NOT EXISTS objects_by_invoice ON objects (kind, json_extract(body, '$.invoice'));
CREATE TABLE IF NOT EXISTS agenda (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, act TEXT NOT NULL, about TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS agenda_by_time ON agenda (at, seq);
CREATE INDEX IF NOT EXISTS agenda_by_object ON agenda (about);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS faults (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    match TEXT NOT NULL, kind TEXT NOT NULL, seconds REAL NOT NULL, times INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    type TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    place INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    first_try REAL,
    tries INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
"""


class Store:
    """The state. Every use stands inside ``transaction()``, which one thread holds at a time.

    That is slow for a busy site and right here: with one writer at a time, the same idempotency
    key twice at once, or a double submit, is simply one after the other.
    """

    def __init__(self, path: str) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # WAL survives kill -9 of the process; a power cut is not what a sandbox guards against.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one used inside another is part of the outer one."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement inside the current transaction."""
        return self._db.execute(sql, values)

    def add(self, obj: Obj) -> bool:
        """Store a new object; False when one with this id is there already."""
        cursor = self.execute(
            "INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (obj["id"], obj["object"], obj["created"], json.dumps(obj)),
        )
        return cursor.rowcount == 1

    def save(self, obj: Obj) -> None:
        """Replace a stored object."""
        self.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(obj), obj["id"]))

    def find(self, object_id: str, kind: str = "") -> Obj | None:
        """The object with this id (and kind, when given), or None."""
        row = self.execute("SELECT kind, body FROM objects WHERE id = ?", (object_id,)).fetchone()
        if row is None or (kind and row[0] != kind):
            return None
        found: Obj = json.loads(row[1])
        return found

    def select(
        self,
        kind: str,
        where: str = "1",
        values: Sequence[Any] = (),
        *,
        order: str = "created DESC, seq DESC",
        limit: int = -1,
    ) -> list[Obj]:
        """Objects of a kind under a condition on columns or ``body``, the newest first."""
        rows = self.execute(
            f"SELECT body FROM objects WHERE kind = ? AND {where} "  # noqa: S608
            f"ORDER BY {order} LIMIT ?",
            (kind, *values, limit),
        )
        return [json.loads(row[0]) for row in rows]

    def setting(self, name: str, default: Any) -> Any:
        """A value kept across restarts."""
        row = self.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a JSON value across restarts."""
        self.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )
