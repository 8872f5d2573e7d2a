"""Notices that arrive at the same time are stored together: what one transaction costs is then paid once for all.

A commit waits for the disk, and SQLite has one writer. A hundred webhooks a second, each with a commit of its own,
would leave no room for people who sign.
"""

import threading
import time
from dataclasses import dataclass

from campaign.core import clock
from campaign.core.database import transaction
from campaign.donations import events
from campaign.donations.standing import Notice

PAUSE_SECONDS = 0.05  # between two transactions, so that others write meanwhile; a single webhook does not wait


@dataclass(eq=False)
class _Waiting:
    notice: Notice
    done: bool = False
    error: Exception | None = None


class Gatherer:
    """One for each web process. Whoever comes first writes for all who came while the one before was writing."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._changed = threading.Condition()
        self._is_writing = False
        self._last = 0.0

    def store(self, notice: Notice) -> None:
        """Come back when the notice is in the database. Raises what the transaction raised, to all who were in it."""
        mine = _Waiting(notice)
        with self._changed:
            self._waiting.append(mine)
            while self._is_writing and not mine.done:
                self._changed.wait()
            first = not mine.done
            self._is_writing = self._is_writing or first
        if first:
            time.sleep(max(0.0, self._last + PAUSE_SECONDS - time.monotonic()))
            self._write()
        if mine.error is not None:
            raise mine.error

    def _write(self) -> None:
        with self._changed:
            batch, self._waiting = self._waiting, []
        error: Exception | None = None
        try:
            with transaction() as session:
                events.store(session, [one.notice for one in batch], now=clock.now())
        except Exception as caught:
            error = caught
        with self._changed:
            for one in batch:
                one.done, one.error = True, error
            self._last, self._is_writing = time.monotonic(), False
            self._changed.notify_all()
