"""Addresses of static files that change with their content, so that browsers may keep them."""

import hashlib
from pathlib import Path


class Assets:
    """Static files below `folder`, served under `prefix`."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix
        self._urls: dict[str, str] = {}

    def url(self, name: str) -> str:
        """`/static/css/public.css?v=…`; the same in every language. Raises FileNotFoundError for an unknown file."""
        if name not in self._urls:
            digest = hashlib.sha256((self._folder / name).read_bytes()).hexdigest()[:10]
            self._urls[name] = f"{self._prefix}{name}?v={digest}"
        return self._urls[name]
