"""Webhooks coming in: Stripe. No cookie and no origin counts here, only the sender's signature."""

from flask import Flask

from campaign.hooks import stripe


def init_app(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(stripe.bp)
