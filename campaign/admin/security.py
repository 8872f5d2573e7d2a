"""Signing in. Flask-Security is known here and in `staff/models.py`, which gives a person what it asks for;
everything else asks the functions here.

The session is a signed cookie that exists below `/admin` only: public pages neither read it nor vary by it. Who the
cookie stands for is read from the database at every request, so a disabled person or a cut role is out at once.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Flask, Request, Response, make_response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import LoginForm, RoleMixin, Security, SQLAlchemyUserDatastore, current_user
from flask_security.utils import check_and_update_authn_fresh
from flask_security.views import login as login_view
from flask_security.views import verify as verify_view
from flask_wtf.csrf import CSRFProtect

from campaign.core.addresses import keyed_hash, normalise_address
from campaign.core.database import db
from campaign.core.http.limits import client_network, limiter
from campaign.settings import current_settings
from campaign.staff.models import StaffUser
from campaign.staff.people import SHORTEST_PASSWORD

FRESH_FOR = timedelta(minutes=30)
FAILURES = "10 per 5 minutes"

csrf = CSRFProtect()


def is_staff_path(path: str) -> bool:
    """True for addresses at or below `/admin`."""
    return path == "/admin" or path.startswith("/admin/")


class StaffSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, opened and saved for the staff's pages only."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if is_staff_path(request.path) else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if is_staff_path(request.path):
            super().save_session(app, session, response)

    def get_cookie_path(self, app: Flask) -> str:
        # A browser refuses a __Host- cookie with any other path.
        return "/" if self.get_cookie_name(app).startswith("__Host-") else f"{request.script_root}/admin"


class StaffLoginForm(LoginForm):
    """Address and password. A browser that is closed forgets; nothing is remembered for longer."""

    remember = None


def init_security(app: Flask) -> None:
    """Sign-in, sign-out and the asking again at `/admin/login`, `/admin/logout` and `/admin/verify`."""
    app.config.update(_SECURITY_SETTINGS)
    app.session_interface = StaffSessions()
    csrf.init_app(app)
    security = Security()
    security.init_app(app, SQLAlchemyUserDatastore(db, StaffUser, RoleMixin), login_form=StaffLoginForm)
    security.want_json(lambda _request: False)
    # Nobody is let in by a token in a header or a query string: only the session speaks for a person.
    security.login_manager.request_loader(None)
    app.view_functions["security.login"] = login
    app.view_functions["security.verify"] = verify


def signed_in() -> StaffUser | None:
    """The person who signed in, as the database has them now; None for anybody else."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def is_freshly_signed_in() -> bool:
    """True while the password was last given less than half an hour ago."""
    return bool(check_and_update_authn_fresh(FRESH_FOR, timedelta(0)))


def _account() -> str:
    """Keyed hash of the account that is being tried, known or not."""
    user = signed_in()
    typed = user.email if user else request.form.get("email", "").strip()
    try:
        typed = normalise_address(typed)  # or every spelling that signs the same person in would have its own limit
    except ValueError:
        typed = typed.casefold()
    return keyed_hash(current_settings().hash_key, "sign-in", typed)


def _failures_limited(view: Callable[[], ResponseReturnValue]) -> Callable[[], Any]:
    """Answer 422 where the view shows its form again, and 429 after too many of these."""

    @wraps(view)
    def answer() -> Response:
        response = make_response(view())
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        return response

    limited: Callable[[], Any] = answer
    for key in (client_network, _account):
        limited = limiter.shared_limit(
            FAILURES,
            scope=f"sign-in by {key.__name__}",
            key_func=key,
            methods=["POST"],
            deduct_when=lambda response: response.status_code == 422,
            error_message=lambda: _("Too many sign-ins failed. Wait five minutes, then try again."),
        )(limited)
    return limited


# Limits are kept by the name of the function, so each is made once and not once per application.
login = _failures_limited(login_view)
verify = _failures_limited(verify_view)

_SECURITY_SETTINGS: dict[str, Any] = {
    "SECURITY_URL_PREFIX": "/admin",
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_POST_LOGIN_VIEW": "admin.overview",
    "SECURITY_POST_LOGOUT_VIEW": "security.login",
    "SECURITY_POST_VERIFY_VIEW": "admin.overview",
    "SECURITY_LOGIN_USER_TEMPLATE": "admin/login.html",
    "SECURITY_VERIFY_TEMPLATE": "admin/verify.html",
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_CSRF_PROTECT_MECHANISMS": ["session"],
    "WTF_CSRF_CHECK_DEFAULT": False,  # the gate in access.py calls it: readers' forms carry no token
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_CACHE_CONTROL": None,  # every page is no-store unless it says otherwise
    "SECURITY_JOIN_USER_ROLES": False,  # roles are grants for campaigns, see StaffUser
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
    "SECURITY_FRESHNESS": FRESH_FOR,
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
}
