"""Languages by address: `/uk/campaigns/…` is the Ukrainian page of `/campaigns/…`, so that each caches by itself."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import request

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class LanguagePrefix:
    """Takes a language off the path's start; as part of SCRIPT_NAME it comes back in every link made by `url_for`."""

    def __init__(self, wsgi_app: WsgiApp, languages: tuple[str, ...]) -> None:
        self._app = wsgi_app
        self._prefixes = {f"/{code}": code for code in languages[1:]}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        head, slash, rest = path[1:].partition("/")
        if f"/{head}" in self._prefixes:
            environ["campaign.language"] = head
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + f"/{head}"
            environ["PATH_INFO"] = f"{slash}{rest}"
        return self._app(environ, start_response)


def request_language(default: str) -> str:
    """The language of the page asked for."""
    return str(request.environ.get("campaign.language", default))
