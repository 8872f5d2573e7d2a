"""Files in forms. The few views that take one say how large it may be; all other bodies stay at the small limit.

Such a body is read only after the gate, when it is known who sends it. Files are written to the site's storage as they
arrive and never held in memory; what is not kept is gone with the request.
"""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

from flask import Flask, Request, current_app, request
from werkzeug.datastructures import FileStorage

View = TypeVar("View", bound=Callable[..., Any])

CHUNK = 256 * 1024
PARSER_CHUNK = 64 * 1024
_MARK = "largest_upload"
_FIELD_MARK = "largest_field"


def takes_file(largest: int) -> Callable[[View], View]:
    """Mark a view whose form has a file of up to so many bytes; goes below the route."""

    def mark(view: View) -> View:
        setattr(view, _MARK, largest)
        return view

    return mark


def takes_long_field(largest: int) -> Callable[[View], View]:
    """Mark a view whose form has a field of up to so many bytes, which is held in memory; goes below the route."""

    def mark(view: View) -> View:
        setattr(view, _FIELD_MARK, largest)
        return takes_file(largest)(view)

    return mark


def _largest_body() -> int | None:
    """How many bytes may come where a file may; None for all other views."""
    view = current_app.view_functions.get(request.endpoint or "")
    largest: int | None = getattr(view, _MARK, None)
    return largest + int(current_app.config["MAX_CONTENT_LENGTH"]) if largest else None


def is_body_closed() -> bool:
    """True for a form that may bring a file, until `open_body`; nothing of it may be looked at before that."""
    largest = _largest_body()
    return request.method == "POST" and largest is not None and request.max_content_length != largest


def open_body() -> None:
    """Let the body of a form be read, now that it is known who sends it: widen its limit where it may bring a file."""
    largest = _largest_body()
    if largest is not None:
        request.max_content_length = largest
        view = current_app.view_functions.get(request.endpoint or "")
        longest = getattr(view, _FIELD_MARK, 0) + int(current_app.config["MAX_FORM_MEMORY_SIZE"])
        # Werkzeug holds its buffer against this limit as well, a chunk of the file and the line that was begun before.
        request.max_form_memory_size = longest + 2 * PARSER_CHUNK


def init_uploads(app: Flask, folder: Path) -> None:
    """Let files that are sent arrive in the folder, under no name: a request that breaks off leaves nothing there."""

    class StreamingRequest(Request):
        def _get_file_stream(
            self,
            total_content_length: int | None,
            content_type: str | None,
            filename: str | None = None,
            content_length: int | None = None,
        ) -> IO[bytes]:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return tempfile.TemporaryFile("rb+", dir=folder)

    app.request_class = StreamingRequest


def keep(file: FileStorage, path: Path) -> tuple[int, str]:
    """Write what was sent to a new file; gives its size in bytes and its SHA-256."""
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as target:
        while chunk := file.stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return size, digest.hexdigest()
