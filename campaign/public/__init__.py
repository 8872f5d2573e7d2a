"""The pages that readers meet. No page here sets a cookie or needs a script."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages."""
