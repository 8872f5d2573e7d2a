"""Sends queued events: signed as Stripe signs them (docs.stripe.com/webhooks#verify-manually)."""

import hashlib
import hmac
import http.client
import logging
import threading
import time
from urllib.parse import urlsplit

from campaign.sandbox import deliveries, happenings
from campaign.sandbox.deliveries import Delivery
from campaign.sandbox.world import World

ANSWER_WITHIN = 10.0
_LOOK_AGAIN_AFTER = 0.25

log = logging.getLogger(__name__)


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The ``Stripe-Signature`` header for a body sent at ``timestamp`` (unix seconds).

    The time is the wall clock's, not the sandbox's: it says when the message was sent, and
    receivers refuse an old one by their own clock.
    """
    signed = b"%d.%s" % (timestamp, payload)
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def send(url: str, secret: str, payload: bytes) -> tuple[str, bool]:
    """Post one event; returns what came back and whether it counts as delivered (2xx).

    Redirects are not followed: for Stripe they are failures.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_WITHIN)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature(payload, secret, int(time.time())),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, payload, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__, False
    finally:
        connection.close()
    return str(status), 200 <= status < 300


def run(world: World) -> None:
    """Deliver what is due and do what happens by itself, for as long as the process lives."""
    while True:
        world.wake.clear()
        try:
            busy = turn(world)
        except Exception:  # nothing may end this thread: events would silently stop
            log.exception("delivering failed")
            busy = False
        if not busy:
            world.wake.wait(_LOOK_AGAIN_AFTER)


def turn(world: World) -> bool:
    """One look at the queue; True when something was sent."""
    with world.store.transaction():
        happenings.catch_up(world)
        due = deliveries.next_due(world)
    threads = [threading.Thread(target=_deliver, args=(world, item), daemon=True) for item in due]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return bool(due)


def _deliver(world: World, delivery: Delivery) -> None:
    answer, delivered = send(world.config.webhook_url, world.config.webhook_secret, delivery.payload.encode())
    with world.store.transaction():
        deliveries.settle(world, delivery, answer, delivered)
