"""Webhooks coming in, from Stripe and from mail providers. No cookie and no origin counts, only the sender's proof."""

from flask import Flask

from campaign.hooks import mail, stripe  # noqa: F401 - both add routes to the blueprint
from campaign.hooks.blueprint import bp


def init_app(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(bp)
