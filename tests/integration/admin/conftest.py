"""Staff as they are: made by the room, signed in through the page, sending what a browser sends."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from campaign.core import clock
from campaign.core.database import transaction
from campaign.staff.models import Role, StaffUser
from campaign.staff.people import create_person
from tests.conftest import BASE_URL

PASSWORD = "four unrelated words here"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A client that sends Origin and the form's token, as a browser on our own page does."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def send(self, path: str, **more: Any) -> TestResponse:
        # A context of its own, as on a server: inside the fixture's, one request would see the `g` of the last.
        with self.app.app_context():
            return self.client.open(path, base_url=BASE_URL, buffered=True, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.send(path, method="GET", **more)

    def token(self, page: str = "/admin/login") -> str:
        match = _TOKEN.search(self.get(page, follow_redirects=True).get_data(as_text=True))
        assert match, f"no token on {page}"
        return match[1]

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, token: str | None = None, **more: Any
    ) -> TestResponse:
        headers = {"Origin": BASE_URL} | more.pop("headers", {})
        sent = {"csrf_token": self.token() if token is None else token} | (data or {})
        return self.send(path, method="POST", data=sent, headers=headers, **more)

    def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/admin/login", {"email": email, "password": password} | more)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


def make_person(role: Role, *, email: str | None = None, campaign_id: int | None = None) -> StaffUser:
    with transaction() as session:
        return create_person(
            session,
            email=email or f"{role.value}@lantern.example",
            password=PASSWORD,
            role=role,
            actor="test",
            now=clock.now(),
            campaign_id=campaign_id,
        )


SignIn = Callable[..., Browser]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """Gives a browser in which somebody with that role has signed in."""

    def make(role: Role, **more: Any) -> Browser:
        person = make_person(role, **more)
        browser = Browser(app)
        assert browser.sign_in(person.email).status_code == 302
        return browser

    return make
