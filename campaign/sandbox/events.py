"""Events: what happened, as a snapshot, and queued for the webhook (docs.stripe.com/api/events)."""

import copy
import json
from contextvars import ContextVar
from typing import Any

from campaign.sandbox import deliveries
from campaign.sandbox.expand import public
from campaign.sandbox.shapes import API_VERSION
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World, new_id

# Which API call is under way; empty for what happens on the hosted page or by itself.
call_under_way: ContextVar[tuple[str | None, str | None]] = ContextVar("call_under_way", default=(None, None))


def emit(world: World, kind: str, obj: Obj, previous: Obj | None = None) -> None:
    """Record an event about ``obj`` as it is now, and queue it for the webhook.

    ``previous`` holds what the changed fields were before, for ``….updated`` events.
    """
    request_id, key = call_under_way.get()
    data: Obj = {"object": copy.deepcopy(public(obj))}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Obj = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": world.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1 if world.config.webhook_url else 0,
        "request": {"id": request_id, "idempotency_key": key},
        "type": kind,
    }
    world.store.add(event)
    deliveries.queue(world, event["id"], kind, json.dumps(event, indent=2))


def change(world: World, kind: str, obj: Obj, **fields: Any) -> None:
    """Set fields of a stored object and tell it as an ``….updated`` event; the same values again tell nothing."""
    before = {name: obj.get(name) for name, value in fields.items() if obj.get(name) != value}
    if not before:
        return
    obj.update(fields)
    world.store.save(obj)
    emit(world, kind, obj, before)
