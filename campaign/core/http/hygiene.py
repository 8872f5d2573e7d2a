"""Requests that no honest client sends, refused before any view sees them."""

from urllib.parse import unquote_to_bytes

from flask import abort, request
from flask_babel import gettext as _

from campaign.core.http.uploads import is_body_closed

_ENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_MOST_DISCARDED, _CHUNK = 1_048_576, 65_536  # bytes
_UNDECODABLE = "\ufffd"  # what broken UTF-8 was decoded to


def is_broken(text: str) -> bool:
    """True for text with NUL, a lone surrogate, or bytes that were no UTF-8: no database keeps it."""
    return "\x00" in text or _UNDECODABLE in text or any("\ud800" <= char <= "\udfff" for char in text)


def _is_readable(encoded: bytes) -> bool:
    """True where percent-encoded bytes are UTF-8 without NUL. Werkzeug would keep broken bytes as `%FF`, as text."""
    try:
        return "\x00" not in unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False


def refuse_broken_fields() -> None:
    """400 for form fields with text that no database keeps."""
    if any(is_broken(key) or is_broken(value) for key, value in request.form.items(multi=True)):
        abort(400, _("The form has characters that cannot be read."))


def refuse_malformed() -> None:
    """404 for a broken path, 400 for broken text, 411 for a chunked form.

    A chunked body is refused because Werkzeug cuts it at the size limit and takes the rest for the whole.
    """
    if is_broken(request.path):
        abort(404)
    if not _is_readable(request.query_string):
        abort(400, _("The address has characters that cannot be read."))
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        abort(411)
    if request.mimetype == _ENCODED and not _is_readable(request.get_data(cache=True)):
        abort(400, _("The form has characters that cannot be read."))
    if request.mimetype == _MULTIPART and not is_body_closed():
        refuse_broken_fields()


def discard_body() -> None:
    """Read on and forget what was refused as too large, so that the next request on the connection is answered.

    Of what is larger by far nothing more is read; the server closes such a connection.
    """
    if (request.content_length or 0) <= _MOST_DISCARDED:
        while request.environ["wsgi.input"].read(_CHUNK):
            pass
