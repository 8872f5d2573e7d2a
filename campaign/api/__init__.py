"""The JSON API, version 1, described at `/api/v1/openapi.json`. What it sends is the allow-list in `schemas.py`."""

from flask import Flask
from flask_smorest import Api

from campaign.api import campaigns, signatures


class _Api(Api):
    """Leaves errors to the application, which answers pages with pages and this API with problem documents."""

    def _register_error_handlers(self) -> None:
        pass


def init_app(app: Flask) -> None:
    """Add the API."""
    app.config.update(
        API_TITLE="The campaign platform",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = _Api(app)
    for blueprint in (campaigns.bp, signatures.bp):
        api.register_blueprint(blueprint)
