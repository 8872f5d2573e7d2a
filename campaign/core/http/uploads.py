"""Files in forms: the few views that take one say how large it may be; all other bodies stay at the small limit."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "largest_upload"


def takes_file(largest: int) -> Callable[[View], View]:
    """Mark a view whose form has a file of up to so many bytes; goes below the route."""

    def mark(view: View) -> View:
        setattr(view, _MARK, largest)
        return view

    return mark


def allow_file() -> None:
    """Before the body is read: widen its limit for a view that takes a file."""
    view = current_app.view_functions.get(request.endpoint or "")
    largest = getattr(view, _MARK, None)
    if largest:
        request.max_content_length = largest + int(current_app.config["MAX_CONTENT_LENGTH"])
