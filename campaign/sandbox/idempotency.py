"""Idempotency keys (docs.stripe.com/api/idempotent_requests).

The answer is stored in the transaction that acts, so one is never there without the other. Calls
with the same key are one after the other, because transactions are. As at Stripe, what was refused
before acting is not stored, and a 500 is: it is the answer to that key for a day, whether the call acted or not.
"""

import hashlib
import json
from typing import Any

from campaign.sandbox.errors import ApiError
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

_KEPT_FOR = 24 * 60 * 60
_LONGEST_KEY = 255


def fingerprint(path: str, params: dict[str, Any]) -> str:
    """What must be the same for two calls with one key to be the same call."""
    return hashlib.sha256(json.dumps([path, params], sort_keys=True).encode()).hexdigest()


def recall(world: World, key: str, wanted: str) -> Obj | None:
    """The stored answer for a key, or None; raises ApiError when it was another call's key."""
    if len(key) > _LONGEST_KEY:
        raise ApiError(f"Idempotency keys can be at most {_LONGEST_KEY} characters.", kind="idempotency_error")
    world.store.execute("DELETE FROM answers WHERE created < ?", (world.now() - _KEPT_FOR,))
    row = world.store.execute("SELECT fingerprint, body FROM answers WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row[0] != wanted:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
        )
    answer: Obj = json.loads(row[1])
    return answer


def remember(world: World, key: str, wanted: str, answer: Obj) -> None:
    """Store the answer of a call that acted."""
    world.store.execute(
        "INSERT INTO answers (key, fingerprint, body, created) VALUES (?, ?, ?, ?)",
        (key, wanted, json.dumps(answer), world.now()),
    )


def is_failure(answer: Obj) -> bool:
    """True where what is stored for a key is that the call failed within."""
    return "error" in answer
