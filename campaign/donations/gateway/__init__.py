"""The only way to Stripe: opens checkouts, asks where they stand, pays back, reads webhooks. Never in a transaction.

Stripe's errors leave as our own. A time-out, a dropped connection or a 5xx is GatewayUnavailable and says nothing of
what happened: it is never taken for a failed payment. Sources: docs.stripe.com/api, version 2026-10-28.endive.
"""

from functools import lru_cache

from campaign.donations.gateway.changes import Changes
from campaign.donations.gateway.checkouts import Checkouts
from campaign.donations.gateway.connection import (
    AmountTooSmall,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
)
from campaign.donations.gateway.lists import Lists
from campaign.donations.gateway.portal import Portal
from campaign.donations.gateway.readings import Readings
from campaign.donations.gateway.webhooks import WebhookRefused, read_webhook
from campaign.donations.gateway.wording import REFERENCE


class Gateway(Checkouts, Portal, Readings, Changes, Lists):
    """One connection to one Stripe account, with all that is asked of it; safe to share between threads."""


@lru_cache(maxsize=16)
def shared_gateway(api_key: str, api_base: str, slots: int) -> Gateway:
    """The process's one gateway for these settings: its connections are kept between requests."""
    return Gateway(api_key, api_base, slots)


__all__ = [
    "REFERENCE",
    "AmountTooSmall",
    "Gateway",
    "GatewayError",
    "GatewayRefused",
    "GatewayUnavailable",
    "WebhookRefused",
    "read_webhook",
    "shared_gateway",
]
