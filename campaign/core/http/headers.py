"""Caching and security headers. A page is kept by nobody unless its view says that it knows nobody (`@cacheable`)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

F = TypeVar("F", bound=Callable[..., Any])

SHARED = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
_SCRIPTED = "campaign.is_scripted"
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


def cacheable(view: F) -> F:
    """Mark a view whose GET answer is the same for everybody."""
    view.is_cacheable = True  # type: ignore[attr-defined]
    return view


def scripted(view: F) -> F:
    """Mark a view whose page has a script of ours; no other page may run one."""
    view.is_scripted = True  # type: ignore[attr-defined]
    return view


def allow_script() -> None:
    """Let the page of this request run a script of ours, where only some answers of its view have one."""
    request.environ[_SCRIPTED] = True


def _policy(form_action: str) -> str:
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"form-action {form_action}; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )


def _is_marked(mark: str) -> bool:
    return hasattr(current_app.view_functions.get(request.endpoint or ""), mark)


def _is_shared(response: Response) -> bool:
    return request.method in ("GET", "HEAD") and response.status_code == 200 and _is_marked("is_cacheable")


def init_headers(app: Flask, *, form_action: str, https: bool) -> None:
    """Add the headers to every answer of the application. `form_action` is the policy's list of form targets."""
    policy = _policy(form_action)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if response.status_code == HTTPStatus.PERMANENT_REDIRECT:
            # Made by the router, which names the Host header, and that may be anybody's: only the path is ours.
            response.location = urlsplit(response.location or "/")._replace(scheme="", netloc="").geturl()
        is_scripted = _is_marked("is_scripted") or request.environ.get(_SCRIPTED)
        # A script may ask the site itself, and nobody else.
        scripts = "; script-src 'self'; connect-src 'self'" if is_scripted else ""
        headers.setdefault("Content-Security-Policy", policy + scripts)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if _is_shared(response):
            headers.setdefault("Cache-Control", SHARED)
            response.add_etag()
            response.make_conditional(request)
        else:
            headers.setdefault("Cache-Control", "no-store")
        return response
