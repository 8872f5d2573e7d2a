"""Reading webhooks: who is believed, and what an event is about."""

import json
import re
from typing import Any

import stripe

from campaign.donations.standing import Notice

TOLERANCE_SECONDS = 300
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.]{1,255}", re.ASCII)
# Everything else, a charge, a refund, a dispute, a warning, is looked up through its payment intent.
_LOOKED_UP_THEMSELVES = frozenset({"checkout.session", "invoice", "subscription"})


class WebhookRefused(Exception):
    """The request was not signed by Stripe just now, or is not an event of this environment."""


def read_webhook(body: bytes, signature: str, *, secrets: tuple[str, ...], live: bool) -> Notice:
    """The event in a webhook's raw body, once one of the secrets proves it to be Stripe's and not older than 300 s.

    Raises WebhookRefused. Several secrets are in use while they are rotated.
    """
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise WebhookRefused("signature")
    try:
        event = json.loads(body)
        if event["livemode"] is not live:
            raise WebhookRefused("mode")
        return notice_of(event)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WebhookRefused("not an event") from error


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    # ValueError: the body is not UTF-8. TypeError: compare_digest takes no text beyond ASCII.
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False
    return True


def notice_of(event: dict[str, Any]) -> Notice:
    """An event in our words. Raises ValueError, KeyError, TypeError or AttributeError for what is none."""
    about = event["data"]["object"]
    kind = about.get("object") or "unknown"
    object_id = about.get("id") if kind in _LOOKED_UP_THEMSELVES else about.get("payment_intent") or about.get("id")
    names = (event["id"], event["type"], kind, object_id or "none")
    if not all(isinstance(name, str) and _IDENTIFIER.fullmatch(name) for name in names):
        raise ValueError("no identifiers")
    return Notice(*names)
