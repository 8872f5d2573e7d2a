"""What every part of the sandbox is handed: options, state and the sandbox's own clock."""

import secrets
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from campaign.sandbox.config import Config
from campaign.sandbox.store import Store

_ALPHABET = string.ascii_letters + string.digits


@dataclass
class World:
    """One running sandbox. ``wake`` is set when there is something to deliver."""

    config: Config
    store: Store
    wake: threading.Event = field(default_factory=threading.Event)
    _stopped_at: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction of the store, after which the delivering thread looks for work."""
        with self.store.transaction():
            yield
        self.wake.set()

    def offset(self) -> int:
        """Seconds by which the sandbox's clock is ahead of the wall clock."""
        moved: int = self.store.setting("clock_moved", 0)
        return self.config.clock_offset + moved

    def now(self) -> int:
        """The sandbox's time, unix seconds. Use inside a transaction."""
        return int(time.time()) + self.offset() if self._stopped_at is None else self._stopped_at

    @contextmanager
    def at(self, moment: int) -> Iterator[None]:
        """Inside, it is ``moment``: for what was due while the clock jumped. Use inside a transaction."""
        before, self._stopped_at = self._stopped_at, moment
        try:
            yield
        finally:
            self._stopped_at = before

    def advance(self, seconds: int) -> None:
        """Move the sandbox's clock forward."""
        self.store.set_setting("clock_moved", self.store.setting("clock_moved", 0) + seconds)


def new_id(prefix: str, length: int = 24) -> str:
    """A random id that looks like Stripe's, such as ``evt_…``."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))
