"""The public pages' connection to Stripe."""

from campaign.donations.gateway import Gateway, shared_gateway
from campaign.settings import current_settings


def stripe_gateway() -> Gateway:
    """The process's one connection."""
    settings = current_settings()
    # A quarter of the threads never waits for Stripe: they are for readers who sign.
    return shared_gateway(settings.stripe_secret_key, settings.stripe_api, max(1, settings.web_threads * 3 // 4))
