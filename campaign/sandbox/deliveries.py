"""The queue of webhook deliveries, and the modes that disturb it on purpose.

A delivery is a row, written with the event it carries, so a restart or kill -9 loses none; one
that was under way then goes out again, as Stripe may also send an event twice.
"""

import json
import random
import time
from dataclasses import astuple, dataclass, replace
from typing import Any

from campaign.sandbox.errors import ControlError
from campaign.sandbox.world import World

MODES = ("normal", "hold", "drop", "duplicate", "reorder", "delay", "chaos")
# What chaos chooses from; most events go through as usual, so that something still works.
_CHAOS = ("normal", "normal", "normal", "drop", "duplicate", "reorder", "delay")
_DEFAULTS: dict[str, Any] = {"mode": "normal", "times": 2, "seconds": 2, "types": [], "next": 0, "seed": 0}
# Seconds between tries, the last one repeated. Stripe too goes on for three days, with pauses of
# minutes and hours (docs.stripe.com/webhooks#retries), which nobody trying a demo can wait for.
PAUSES = (1, 2, 5, 15, 60)
GIVE_UP_AFTER = 3 * 86400


@dataclass(frozen=True)
class Delivery:
    """One row of the queue."""

    seq: int
    event: str
    payload: str
    tries: int
    first_try: float | None


@dataclass(frozen=True)
class _Queued:
    """A row to be; its fields stand in the order in which ``_insert`` names the columns."""

    event: str
    kind: str
    payload: str
    due: float
    state: str = "pending"
    place: int = 0


def set_mode(world: World, given: dict[str, Any]) -> dict[str, Any]:
    """Choose what happens to events from now on; what is queued already stays as it is.

    ``times`` is how often ``duplicate`` sends; ``seconds`` how long ``delay`` waits and ``reorder`` collects;
    ``types`` limits the mode to some kinds of event, ``next`` to so many events (0: until it is changed).
    ``chaos`` does one or another of the rest to each event, the same to the n-th for the same ``seed``.
    """
    mode = {**_DEFAULTS, **given}
    if unknown := set(mode) - set(_DEFAULTS):
        raise ControlError(f"unknown: {', '.join(sorted(unknown))}")
    if mode["mode"] not in MODES:
        raise ControlError(f"mode must be one of: {', '.join(MODES)}")
    if not isinstance(mode["types"], list):
        raise ControlError("types must be a list")
    _check_number(mode, "times", 1, 200)
    _check_number(mode, "seconds", 0, 86400)
    _check_number(mode, "next", 0, 1_000_000)
    _check_number(mode, "seed", 0, 2**31)
    world.store.set_setting("webhook_mode", mode)
    world.store.set_setting("webhook_mode_used", 0)
    return mode


def _check_number(mode: dict[str, Any], name: str, least: int, most: int) -> None:
    number = mode[name]
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ControlError(f"{name} must be a number")
    if not least <= number <= most:
        raise ControlError(f"{name} must be from {least} to {most}")


def current_mode(world: World) -> dict[str, Any]:
    """The mode as ``set_mode`` took it."""
    kept: dict[str, Any] = world.store.setting("webhook_mode", {})
    return {**_DEFAULTS, **kept}


def queue(world: World, event: str, kind: str, payload: str) -> None:
    """Queue an event as the mode says; nothing when there is no webhook address."""
    if not world.config.webhook_url:
        return
    mode = current_mode(world)
    name = _take_mode(world, mode) if not mode["types"] or kind in mode["types"] else "normal"
    new = _Queued(event, kind, payload, time.time())
    if name == "hold":
        _insert(world, replace(new, state="held"))
    elif name == "drop":
        _insert(world, replace(new, state="dropped"))
    elif name == "delay":
        _insert(world, replace(new, due=new.due + mode["seconds"]))
    elif name == "reorder":
        _insert_reordered(world, replace(new, due=new.due + mode["seconds"]))
    else:
        for _ in range(int(mode["times"]) if name == "duplicate" else 1):
            _insert(world, new)


def _take_mode(world: World, mode: dict[str, Any]) -> str:
    """What happens to the event at hand; counts it, and ends a mode that was for so many events."""
    if mode["mode"] == "normal":
        return "normal"
    used = world.store.setting("webhook_mode_used", 0) + 1
    world.store.set_setting("webhook_mode_used", used)
    if mode["next"] and used >= mode["next"]:
        world.store.set_setting("webhook_mode", {**mode, "mode": "normal"})
    if mode["mode"] == "chaos":
        return random.Random(f"{mode['seed']}:{used}").choice(_CHAOS)
    return str(mode["mode"])


def _insert(world: World, new: _Queued) -> None:
    world.store.execute(
        "INSERT INTO deliveries (event, type, payload, due, state, place) VALUES (?, ?, ?, ?, ?, ?)",
        astuple(new),
    )


def _insert_reordered(world: World, new: _Queued) -> None:
    """Events that come within the time of the first are due with it, the newest first."""
    row = world.store.execute(
        "SELECT min(place), min(due) FROM deliveries WHERE state = 'pending' AND place < 0 AND tries = 0 AND due > ?",
        (time.time(),),
    ).fetchone()
    _insert(world, replace(new, place=(row[0] or 0) - 1, due=row[1] or new.due))


def release(world: World, *, reverse: bool = False) -> int:
    """Let held events go, oldest first or newest first; returns how many."""
    place = "-seq" if reverse else "0"
    cursor = world.store.execute(
        f"UPDATE deliveries SET state = 'pending', place = {place}, due = ? "  # noqa: S608
        "WHERE state = 'held'",
        (time.time(),),
    )
    return cursor.rowcount


def redeliver(world: World, event: str, times: int) -> int:
    """Queue an event again, ``times`` times at once, whatever the mode; returns how many."""
    found = world.store.find(event, "event")
    if not found:
        raise ControlError(f"no such event: {event}")
    if not world.config.webhook_url:
        raise ControlError("the sandbox was started without a webhook address")
    payload = json.dumps(found, indent=2)
    for _ in range(times):
        _insert(world, _Queued(event, found["type"], payload, time.time()))
    return times


def next_due(world: World) -> list[Delivery]:
    """What to send now: every due delivery of the event whose turn it is (several: at once)."""
    now = time.time()
    first = world.store.execute(
        "SELECT event FROM deliveries WHERE state = 'pending' AND due <= ? ORDER BY place, seq LIMIT 1",
        (now,),
    ).fetchone()
    if first is None:
        return []
    rows = world.store.execute(
        "SELECT seq, event, payload, tries, first_try FROM deliveries "
        "WHERE event = ? AND state = 'pending' AND due <= ? ORDER BY seq",
        (first[0], now),
    )
    return [Delivery(*row) for row in rows]


def settle(world: World, delivery: Delivery, answer: str, delivered: bool) -> None:
    """Note how a try went: done, to be tried again later, or given up."""
    now = time.time()
    first_try = delivery.first_try or now
    pause = PAUSES[min(delivery.tries, len(PAUSES) - 1)]
    state = "delivered" if delivered else "pending"
    if not delivered and now - first_try > GIVE_UP_AFTER:
        state = "failed"
    world.store.execute(
        "UPDATE deliveries SET state = ?, answer = ?, tries = tries + 1, first_try = ?, due = ? WHERE seq = ?",
        (state, answer, first_try, now + pause, delivery.seq),
    )
    if delivered:
        event = world.store.find(delivery.event, "event")
        if event and event["pending_webhooks"]:
            world.store.save({**event, "pending_webhooks": 0})
