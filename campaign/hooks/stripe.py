"""Stripe's webhook: proves who speaks, notes the event once, and answers at once. The worker does the rest."""

import logging

from flask import abort, request
from flask.typing import ResponseReturnValue

from campaign.donations.gateway import WebhookRefused, read_webhook
from campaign.hooks.blueprint import bp
from campaign.hooks.gathering import Gatherer
from campaign.settings import current_settings

log = logging.getLogger(__name__)

LARGEST_EVENT = 512 * 1024

gatherer = Gatherer()


@bp.post("/stripe")
def stripe() -> ResponseReturnValue:
    """200 for every genuine event, also one that is known already or means nothing here: else Stripe sends it again."""
    settings = current_settings()
    request.max_content_length = LARGEST_EVENT
    try:
        notice = read_webhook(
            request.get_data(cache=False),
            request.headers.get("Stripe-Signature", ""),
            secrets=settings.stripe_webhook_secret,
            live=settings.is_production,
        )
    except WebhookRefused as refused:
        log.warning("webhook refused: %s", refused)
        abort(400)
    gatherer.store(notice)
    return "", 200
