"""The pages that readers meet. No page here sets a cookie or needs a script."""

from flask import Flask

from campaign.public import campaigns, donating, history, removed, signing, site, statistics  # noqa: F401 - each adds its routes
from campaign.public.blueprint import bp


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(bp)
