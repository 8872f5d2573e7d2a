"""Static files: read once, served from memory under addresses that change with their content.

Style sheets leave without comments and white space: readers on a bad line wait for them before they see anything.
"""

import hashlib
import mimetypes
from pathlib import Path

import rcssmin
from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue

KEPT = "public, max-age=31536000, immutable"
CHECKED = "public, max-age=300"


class Assets:
    """The files below a folder, some hundred kilobytes altogether."""

    def __init__(self, folder: Path) -> None:
        paths = [path for path in folder.rglob("*") if path.is_file()]
        self._bodies = {path.relative_to(folder).as_posix(): _read(path) for path in paths}
        self._digests = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self._bodies.items()}

    def url(self, name: str) -> str:
        """`/static/css/public.css?v=…`, the same in every language. Raises KeyError for an unknown file."""
        return f"/static/{name}?v={self._digests[name]}"

    def answer(self, name: str) -> ResponseReturnValue:
        """The file; kept for a year where the address names this very content."""
        if name not in self._bodies:
            abort(404)
        response = Response(self._bodies[name], mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream")
        response.headers["Cache-Control"] = KEPT if request.args.get("v") == self._digests[name] else CHECKED
        response.set_etag(self._digests[name])
        return response.make_conditional(request)


def _read(path: Path) -> bytes:
    body = path.read_bytes()
    return rcssmin.cssmin(body.decode()).encode() if path.suffix == ".css" else body


def init_assets(app: Flask, folder: Path) -> None:
    """Serve the folder under `/static/` and give templates `asset(name)`."""
    assets = Assets(folder)
    app.add_url_rule("/static/<path:name>", "static", assets.answer)
    app.jinja_env.globals["asset"] = assets.url
