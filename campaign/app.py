"""Puts the house together, and nothing else: settings, ground, doors, and one answer per kind of error."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, format_timedelta, get_locale, gettext
from flask_compress import Compress
from flask_limiter import RateLimitExceeded
from flask_migrate import Migrate
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

from campaign import admin, api, cli, demo, hooks, public
from campaign.core import clock
from campaign.core.database import db, engine_options
from campaign.core.errors import Closed, DomainError, NotFound
from campaign.core.formatting import Formats
from campaign.core.http.assets import init_assets
from campaign.core.http.headers import init_headers
from campaign.core.http.hygiene import discard_body, refuse_malformed
from campaign.core.http.languages import LanguagePrefix, request_language
from campaign.core.http.limits import init_limits, retry_seconds
from campaign.core.http.uploads import init_uploads
from campaign.reports.organisation import organisation_facts, settings_organisation
from campaign.settings import ROOT, Settings, load_settings

BUSY_SECONDS = 10
PLAIN_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>We are busy</title>
<h1>We are busy</h1><p>Nothing was changed. Wait ten seconds and try again.</p></html>
"""
FORM_LIMIT = 64 * 1024
_ORGANISATION = "campaign.organisation"
COMPRESSED = [
    "text/html", "text/css", "text/plain", "application/json", "application/problem+json", "application/xml",
    "application/atom+xml", "image/svg+xml", "text/javascript",
]  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """The application for the given settings, or for the environment's. Raises SettingsError naming all bad ones."""
    settings = settings or load_settings()
    clock.set_offset(settings.clock_offset)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    app = Flask("campaign", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(_flask_config(settings))
    app.extensions["settings"] = settings
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    Compress(app)  # before whatever sets a validator, because these run in reverse order after a request
    _init_pages(app, settings)
    init_assets(app, ROOT / "static")
    init_limits(app, settings.redis_url)
    init_uploads(app, settings.storage / "uploads")
    app.before_request(refuse_malformed)
    init_headers(app, form_action=f"'self' {settings.payment_origins}", https=settings.address.startswith("https:"))
    _init_errors(app)
    for door in (public, api, hooks, admin, cli):
        door.init_app(app)
    if not settings.is_production:
        demo.init_app(app)
    _wrap(app, settings)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    https = settings.address.startswith("https:")
    return {
        "SECRET_KEY": settings.secret_key[0],
        "SECRET_KEY_FALLBACKS": list(settings.secret_key[1:]),
        "SQLALCHEMY_DATABASE_URI": settings.database,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database, settings.web_threads),
        "MAX_CONTENT_LENGTH": FORM_LIMIT,
        "MAX_FORM_MEMORY_SIZE": FORM_LIMIT,
        "SESSION_COOKIE_NAME": "__Host-staff" if https else "staff",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "BABEL_DEFAULT_LOCALE": settings.languages[0],
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "campaign" / "translations"),
        "COMPRESS_MIMETYPES": COMPRESSED,
        "WTF_CSRF_TIME_LIMIT": None,
        "MAIL_SERVER": settings.mail_server,
        "MAIL_PORT": settings.mail_port,
        "MAIL_USE_TLS": settings.mail_use_tls,
        "MAIL_USE_SSL": settings.mail_use_ssl,
        "MAIL_USERNAME": settings.mail_username,
        "MAIL_PASSWORD": settings.mail_password,
        "MAIL_DEFAULT_SENDER": settings.sender,
        "TESTING": settings.campaign_env == "test",
    }


def _init_pages(app: Flask, settings: Settings) -> None:
    """Languages, formats and the values that every page template may use."""
    Babel(
        app,
        locale_selector=lambda: request_language(settings.languages[0]) if request else settings.languages[0],
        timezone_selector=lambda: settings.time_zone,
    )
    formats = Formats(lambda: str(get_locale()).replace("_", "-"), settings.zone)
    app.jinja_env.filters.update(formats.filters())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        organisation=LocalProxy(_organisation(settings)),
        environment=settings.campaign_env,
        languages=settings.languages,
    )

    @app.context_processor
    def language() -> dict[str, str]:
        locale = get_locale()
        return {
            "html_lang": str(locale).replace("_", "-"),
            "html_dir": locale.text_direction if locale else "ltr",
        }


def _organisation(settings: Settings) -> Callable[[], dict[str, Any]]:
    """Gives what pages say about who runs the site: read once for a request, and the last known while it cannot be."""
    known = settings_organisation(settings)

    def read() -> dict[str, Any]:
        nonlocal known
        if _ORGANISATION not in request.environ:
            try:
                known = organisation_facts(db.session(), settings)
            except (DBAPIError, PoolTimeout):
                db.session.rollback()  # an error's page says as much as can be said
            request.environ[_ORGANISATION] = known
        facts: dict[str, Any] = request.environ[_ORGANISATION]
        return facts

    return read


def _wrap(app: Flask, settings: Settings) -> None:
    """What stands between server and application: language prefixes, trusted proxies."""
    wsgi: Any = LanguagePrefix(app.wsgi_app, settings.languages)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=0)
    app.wsgi_app = wsgi  # type: ignore[method-assign]


def _init_errors(app: Flask) -> None:
    """One answer per kind of error: a page, or below `/api/` a problem document (RFC 9457)."""

    def answer(
        code: int, words: str | None = None, *, errors: Any = None, retry_after: int | None = None
    ) -> ResponseReturnValue:
        headers = {"Retry-After": str(retry_after)} if retry_after else {}
        if not request.path.startswith("/api/"):
            wait = format_timedelta(timedelta(seconds=retry_after), threshold=1.3) if retry_after else None
            try:
                page = render_template("errors/error.html", code=code, message=words, retry_after=wait)
            except (DBAPIError, PoolTimeout):  # what the staff's pages show around it needs the database too
                page = PLAIN_PAGE
            return page, code, headers
        problem = {"title": HTTP_STATUS_CODES[code], "status": code, "detail": words, "errors": errors}
        body = json.dumps({name: value for name, value in problem.items() if value is not None})
        return body, code, {"Content-Type": "application/problem+json", **headers}

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error.get_response()
        own_words = error.description if error.description != type(error).description else None
        found = getattr(error, "data", {}).get("messages")  # what a schema of the API did not accept, by field
        wait = None
        if error.code == 413:
            discard_body()
        if isinstance(error, TooManyRequests):
            wait = retry_seconds(error)
            if isinstance(error, RateLimitExceeded) and not error.limit.error_message:
                own_words = None  # the limiter's own, such as "5 per 10 minute"
        response = app.make_response(answer(error.code, own_words, errors=found, retry_after=wait))
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                response.headers[name] = value
        return response

    @app.errorhandler(DomainError)
    def domain_error(error: DomainError) -> ResponseReturnValue:
        if isinstance(error, NotFound):
            return public.moved_campaign() or answer(404)
        if isinstance(error, Closed):
            return answer(410, gettext(str(error)))
        return answer(422, gettext(str(error)))

    @app.errorhandler(DBAPIError)
    @app.errorhandler(PoolTimeout)
    def database_unavailable(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
        """Away, full, read-only or broken: nothing was half done, and trying again is right."""
        if isinstance(error, IntegrityError | DataError | ProgrammingError):
            raise error  # a fault of ours, and no state of the database
        app.logger.error(
            "database unavailable: %s", type(error.orig if isinstance(error, DBAPIError) else error).__name__
        )
        db.session.rollback()
        return answer(503, retry_after=BUSY_SECONDS)

    @app.errorhandler(500)
    def failure(_error: Exception) -> ResponseReturnValue:
        return answer(500)
