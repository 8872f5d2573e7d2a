"""Requests that no honest client sends, refused before any view sees them."""

from flask import abort, request

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_UNDECODABLE = "\ufffd"  # what broken UTF-8 was decoded to


def _is_broken(text: str) -> bool:
    return "\x00" in text or _UNDECODABLE in text or any("\ud800" <= char <= "\udfff" for char in text)


def refuse_malformed() -> None:
    """404 for a broken path, 400 for broken text, 411 for a chunked form.

    A chunked body is refused because Werkzeug cuts it at the size limit and takes the rest for the whole.
    """
    if _is_broken(request.path):
        abort(404)
    if any(_is_broken(key) or _is_broken(value) for key, value in request.args.items(multi=True)):
        abort(400, "The address has characters that cannot be read.")
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        abort(411)
    if request.mimetype in _FORM_TYPES and any(
        _is_broken(key) or _is_broken(value) for key, value in request.form.items(multi=True)
    ):
        abort(400, "The form has characters that cannot be read.")
