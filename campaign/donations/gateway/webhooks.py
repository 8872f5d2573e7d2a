"""Reading webhooks: who is believed, and what an event is about."""

import json
import re
from typing import Any

import stripe

from campaign.donations.gateway.wording import moment, reference
from campaign.donations.standing import DeclineWord, Notice

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
    return Notice(*names, decline=_decline(event, about))


def _decline(event: dict[str, Any], about: dict[str, Any]) -> DeclineWord | None:
    """A card declined at a checkout of ours. Renewals and bank debits that fail are nobody's try at a card.

    The first payment of a monthly gift carries our reference on its invoice only, any other on its charge.
    """
    metadata = None
    if event["type"] == "charge.failed" and (about.get("payment_method_details") or {}).get("type") == "card":
        metadata = about.get("metadata")
    elif event["type"] == "invoice.payment_failed" and about.get("billing_reason") == "subscription_create":
        metadata = ((about.get("parent") or {}).get("subscription_details") or {}).get("metadata")
    donation = reference(metadata)
    # Events that come late, or are fetched days after, tell of no burst that is under way.
    return DeclineWord(donation, moment(event["created"])) if donation else None
