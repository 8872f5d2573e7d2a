"""The pages that readers meet. No page here sets a cookie or needs a script."""

from flask import Flask

from campaign.public import (  # noqa: F401 - each adds its routes
    campaigns,
    donating,
    giving,
    history,
    my_data,
    passing_on,
    pictures,
    previews,
    removed,
    reporting,
    signing,
    site,
    statistics,
    supporting,
    themes,
    wordings,
)
from campaign.public.blueprint import bp
from campaign.public.moved import moved_campaign

__all__ = ["init_app", "moved_campaign"]


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(bp)
