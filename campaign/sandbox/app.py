"""Puts the sandbox together as one web application."""

from flask import Flask, abort, request

from campaign.sandbox import api, controls, pages, portal_pages
from campaign.sandbox.recording import Recording
from campaign.sandbox.world import World

_LARGEST_BODY = 20 * 1024 * 1024  # an import of some thousand past gifts


def create_app(world: World) -> Flask:
    """The web application of one sandbox."""
    app = Flask(__name__, static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = _LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.globals["business_name"] = world.config.business_name
    app.before_request(_refuse_other_sites)
    recording = Recording()
    api.register(app, world, recording)
    pages.register(app, world)
    portal_pages.register(app, world)
    controls.register(app, world, recording)
    return app


def _refuse_other_sites() -> None:
    """A page elsewhere must not press buttons here. Programs send no such header."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.method == "POST" and site not in ("none", "same-origin"):
        abort(403)
