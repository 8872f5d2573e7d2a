"""What was asked and answered, kept in memory for tests that hold both against Stripe's own description.

Off unless the sandbox was started with ``--record``: it costs memory, and answers name people.
"""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from campaign.sandbox.store import Obj
from campaign.sandbox.world import World


@dataclass
class Recording:
    """Calls in the order in which they were answered."""

    calls: list[Obj] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, method: str, path: str, params: dict[str, Any], status: int, answer: bytes) -> None:
        """Keep one call."""
        call = {"method": method, "path": path, "params": params, "status": status, "answer": json.loads(answer)}
        with self.lock:
            self.calls.append(call)

    def take(self) -> list[Obj]:
        """The calls since the last time, which are forgotten here."""
        with self.lock:
            taken, self.calls = self.calls, []
        return taken


def traffic(world: World, recording: Recording, since_event: int) -> Obj:
    """Calls since the last time, and events after a position, with the position reached."""
    rows = world.store.execute(
        "SELECT seq, body FROM objects WHERE kind = 'event' AND seq > ? ORDER BY seq", (since_event,)
    ).fetchall()
    return {
        "calls": recording.take(),
        "events": [json.loads(body) for _, body in rows],
        "last_event": rows[-1][0] if rows else since_event,
    }
