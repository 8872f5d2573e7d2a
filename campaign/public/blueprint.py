"""The blueprint of the public pages. Posts must come from our own pages, as far as the browser says."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, current_app, request

from campaign.core.http.origin import require_own_origin
from campaign.settings import current_settings

F = TypeVar("F", bound=Callable[..., Any])

bp = Blueprint("public", "campaign")


def from_anywhere(view: F) -> F:
    """Mark a view whose posts may come from any site: mail programs send them too, and their token is what counts."""
    view.is_from_anywhere = True  # type: ignore[attr-defined]
    return view


@bp.before_request
def check_origin() -> None:
    if not hasattr(current_app.view_functions.get(request.endpoint or ""), "is_from_anywhere"):
        require_own_origin(current_settings().address, silence_is_fine=True)
