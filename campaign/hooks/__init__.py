"""Webhooks coming in: Stripe."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the routes."""
