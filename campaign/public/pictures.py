"""The files of pictures. Cuts have an address made from their content, so whoever has one never asks again."""

from flask import Response, abort, send_from_directory

from campaign.campaigns.pictures import cuts_folder
from campaign.core.http.assets import KEPT
from campaign.core.pictures import FORMATS, WIDTHS
from campaign.public.blueprint import bp
from campaign.settings import current_settings

# A picture may be an SVG of ours: shown as an image it runs nothing, opened by itself it may not either.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
_NAMES = {f"{width}.{kind}": _TYPES[kind] for width in WIDTHS for kind in FORMATS}


@bp.get("/pictures/<name>")
def picture(name: str) -> Response:
    """A picture that has one size only."""
    response = send_from_directory(cuts_folder(current_settings().storage), name)
    return _kept(response, "public, max-age=86400")


@bp.get("/pictures/<digest>/<name>")
def picture_cut(digest: str, name: str) -> Response:
    """A picture in one of its widths and formats."""
    if name not in _NAMES:
        abort(404)
    response = send_from_directory(cuts_folder(current_settings().storage), f"{digest}/{name}", mimetype=_NAMES[name])
    return _kept(response, KEPT)


def _kept(response: Response, how_long: str) -> Response:
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    response.headers["Cache-Control"] = how_long
    return response
