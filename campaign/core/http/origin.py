"""Where a form post comes from: pages are cached and carry no token, so the browser's own word is asked.

`Sec-Fetch-Site` first, then `Origin` (https://web.dev/articles/fetch-metadata). Clients that send neither are not
browsers that could be tricked: the public may use them, staff may not.
"""

from flask import abort, request
from flask_babel import gettext as _

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def _comes_from_us(base_url: str) -> bool | None:
    """True or False where the browser says so, None where it says nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return None if origin is None else origin == base_url


def require_own_origin(base_url: str, *, silence_is_fine: bool) -> None:
    """Abort with 403 where a post comes from another site; `silence_is_fine` says what no header at all means."""
    if request.method not in _UNSAFE:
        return
    ours = _comes_from_us(base_url)
    if ours is False or (ours is None and not silence_is_fine):
        abort(403, _("This form was sent from another site. Open our own page and send it from there."))
