"""Faults ordered by a test: errors, slowness, silence after acting."""

import fnmatch
import time
from dataclasses import dataclass
from typing import Any

from campaign.sandbox.errors import ApiError, ControlError
from campaign.sandbox.world import World

ERRORS = {
    "409": ApiError(
        "There is currently another in-progress request using this idempotency key.",
        status=409,
        kind="idempotency_error",
        code="idempotency_key_in_use",
    ),
    "429": ApiError("Request rate limit exceeded.", status=429, kind="invalid_request_error", code="rate_limit"),
    "500": ApiError("An unknown error occurred.", status=500, kind="api_error"),
    "503": ApiError("The service is unavailable.", status=503, kind="api_error"),
}
KINDS = (*ERRORS, "pass", "slow", "timeout", "act_then_timeout", "act_then_500")
_DEFAULT_SECONDS = 30.0


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call.

    ``409``/``429``/``503``: refused at the door. ``500``: failed within and did nothing. ``act_then_500``: acts, and
    fails before it could say so. A 500 is the answer to that idempotency key from then on.
    ``timeout``: not acted, silent for ``seconds``, then the connection is closed. ``slow``: waits, then acts.
    ``act_then_timeout``: acts, and the caller is not told, as when something between fails; with the same idempotency
    key the answer is there. ``pass``: nothing; it lets a call through before what is queued behind it.
    """

    kind: str
    seconds: float


def order(world: World, wanted: Any) -> int:
    """Queue faults for calls to come; returns how many calls they will hit.

    ``match`` is ``METHOD /path`` where ``*`` stands for anything.
    """
    if isinstance(wanted, dict):
        wanted = [wanted]
    if not isinstance(wanted, list):
        raise ControlError("next must be a list of faults")
    total = 0
    for fault in wanted:
        if not isinstance(fault, dict) or fault.get("kind") not in KINDS:
            raise ControlError(f"kind must be one of: {', '.join(KINDS)}")
        times, seconds = fault.get("times", 1), fault.get("seconds", _DEFAULT_SECONDS)
        if not isinstance(times, int) or not 1 <= times <= 10_000:
            raise ControlError("times must be from 1 to 10000")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= 3600:
            raise ControlError("seconds must be from 0 to 3600")
        world.store.execute(
            "INSERT INTO faults (match, kind, seconds, times) VALUES (?, ?, ?, ?)",
            (str(fault.get("match", "* /v1/*")), fault["kind"], seconds, times),
        )
        total += times
    return total


def order_declines(world: World, subscription: str, decline_code: str, times: int) -> None:
    """The next ``times`` renewals of a subscription (``*``: of any) are declined with this code."""
    world.store.execute(
        "INSERT INTO faults (match, kind, seconds, times) VALUES (?, ?, 0, ?)",
        (f"renewal {subscription}", decline_code, times),
    )


def clear(world: World) -> None:
    """Forget all faults that have not happened yet."""
    world.store.execute("DELETE FROM faults")


def take(world: World, call: str) -> Fault | None:
    """The fault that hits this call (``METHOD /path``), used up by it; the oldest match wins."""
    rows = world.store.execute("SELECT seq, match, kind, seconds FROM faults ORDER BY seq")
    for seq, match, kind, seconds in rows.fetchall():
        if fnmatch.fnmatchcase(call, match):
            world.store.execute("UPDATE faults SET times = times - 1 WHERE seq = ?", (seq,))
            world.store.execute("DELETE FROM faults WHERE times < 1")
            return Fault(kind, seconds)
    return None


def before_acting(fault: Fault | None) -> None:
    """Do what a fault does before the call acts. Use outside any transaction: it may sleep. Raises ApiError."""
    if fault and fault.kind == "slow":
        time.sleep(fault.seconds)
    if fault and fault.kind in ERRORS and fault.kind != "500":  # that one happens within
        raise ERRORS[fault.kind]
    if fault and fault.kind == "timeout":
        raise ERRORS["500"]  # never seen: the connection is closed instead
