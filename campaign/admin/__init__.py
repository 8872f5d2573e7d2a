"""The staff's pages, one file per subject."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the routes."""
