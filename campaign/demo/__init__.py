"""The demo's mailbox; absent outside demo and test."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the routes."""
