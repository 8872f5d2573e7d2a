"""The application and the Stripe sandbox as they run in life: two programs that speak HTTP with each other."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import stripe
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from campaign.app import create_app
from campaign.campaigns.models import Campaign
from campaign.core.database import db
from campaign.donations.gateway import Gateway
from campaign.donations.models import Donation
from campaign.worker.payments import apply_events
from campaign.worker.stripe_requests import change_gifts, make_refunds
from tests.conftest import ENGINES, make_database, make_settings
from tests.integration.sandbox.process import KEY, SECRET, SandboxProcess

FORM = {"amount": "10", "currency": "GBP", "frequency": "once", "name": "Ada Lovelace", "email": "ada@example.org"}


class Site:
    """A server for whichever application the running test uses; busy (503) between tests."""

    def __init__(self) -> None:
        self._app: Flask | None = None
        self._changed = threading.Condition()
        self._under_way = 0
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @contextmanager
    def serving(self, app: Flask) -> Iterator[None]:
        """Answer for an application; at the end wait for what is under way, which holds connections of its database."""
        self._app = app
        try:
            yield
        finally:
            with self._changed:
                self._app = None
                self._changed.wait_for(lambda: not self._under_way, timeout=60)

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._changed:
            app = self._app
            self._under_way += 1
        try:
            if app is None:
                start_response("503 Service Unavailable", [])
                return []
            answer = app(environ, start_response)
            with closing(answer):
                return list(answer)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Money:
    """What a donor, Stripe and the worker do, in one line each."""

    def __init__(self, client: FlaskClient, sandbox: SandboxProcess) -> None:
        self.client, self.sandbox = client, sandbox
        self.gateway = Gateway(KEY, sandbox.url)

    def show_form(self, campaign: Campaign) -> str:
        """The one-use key of a fresh form."""
        page = self.client.get(f"/campaigns/{campaign.slug}/donate").text
        found = re.search(r'name="idempotency_key"[^>]* value="([^"]+)"', page)
        assert found
        return found[1]

    def send(self, campaign: Campaign, **more: str) -> TestResponse:
        """Send the form, with a fresh key unless one is given."""
        fields = {"idempotency_key": "", **FORM, **more}
        if not fields["idempotency_key"]:
            del fields["idempotency_key"]
        return self.client.post(f"/campaigns/{campaign.slug}/donate", data=fields)

    def give(self, campaign: Campaign, **more: str) -> Donation:
        """A donation whose checkout is open."""
        answer = self.send(campaign, **more)
        assert answer.status_code == 303, answer.text
        assert answer.location.startswith(self.sandbox.url + "/c/pay/")
        return self.donations()[-1]

    def pay(self, donation: Donation, **more: Any) -> dict[str, Any]:
        """Pay at the checkout; the control's answer."""
        return self.sandbox.control("pay", {"session": donation.checkout_session, **more})

    def refund(self, paid: dict[str, Any], **more: Any) -> None:
        """Refund as from the dashboard."""
        self.sandbox.control("refund", {"payment_intent": paid["payment_intent"], **more})

    def event(self, kind: str) -> stripe.Event:
        """The newest event of a kind."""
        return self.sandbox.client().v1.events.list({"type": kind}).data[0]

    def deliver(self, body: str | bytes, **header: Any) -> TestResponse:
        """Post a webhook with a genuine signature, unless told otherwise."""
        text = body if isinstance(body, str) else body.decode()
        signature = header.get("signature") or stripe.WebhookSignature.generate_signature_header(
            text, header.get("secret", SECRET), header.get("timestamp")
        )
        return self.client.post(
            "/hooks/stripe",
            data=body,
            headers={"Stripe-Signature": signature, "Content-Type": "application/json"},
        )

    def hear(self, kind: str) -> None:
        """Deliver the newest event of a kind and let the worker apply it."""
        assert self.deliver(str(self.event(kind))).status_code == 200
        self.work()

    def work(self) -> None:
        """Let the worker apply what is due."""
        while apply_events(self.gateway):
            pass
        db.session.rollback()  # a job's session does not outlive it

    def ask_stripe(self) -> None:
        """Let the worker do what is wanted of Stripe: refunds, and changes of monthly gifts."""
        db.session.rollback()
        while make_refunds(self.gateway) + change_gifts(self.gateway):
            pass
        db.session.rollback()

    def donations(self) -> list[Donation]:
        """All donations as they stand, oldest first."""
        return self.rows(Donation)

    @staticmethod
    def rows(model: Any) -> list[Any]:
        """All rows of a table as they stand, oldest first."""
        with Session(db.engine) as session:
            return list(session.scalars(select(model).order_by(*inspect(model).primary_key)))


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Where the sandbox sends webhooks, in the tests that let it."""
    server = Site()
    yield server
    server.close()


@pytest.fixture(scope="session")
def sandbox_process(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for all tests here."""
    state = tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3"
    process = SandboxProcess(state, f"{site.url}/hooks/stripe")
    yield process
    process.close()


@pytest.fixture(scope="module")
def empty_book(sandbox_process: SandboxProcess) -> None:
    """Nothing of what other tests left at the sandbox: a comparison would look at all of it each time."""
    sandbox_process.kill()
    for file in sandbox_process.state.parent.glob(f"{sandbox_process.state.name}*"):
        file.unlink()
    sandbox_process.start()
    sandbox_process.traffic.last_event = 0


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> Iterator[SandboxProcess]:
    """The sandbox without orders of earlier tests; it sends no webhooks until told to. What the program asked of it
    is held against Stripe's description."""
    sandbox_process.control("webhooks", {"mode": "drop"})
    sandbox_process.control("faults", {"clear": True})
    yield sandbox_process
    sandbox_process.check_traffic()


@pytest.fixture(scope="session", params=ENGINES)
def session_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sandbox_process: SandboxProcess
) -> Iterator[Flask]:
    """The application on one of the engines, with the sandbox as its Stripe."""
    folder = tmp_path_factory.mktemp(f"giving-{request.param}")
    settings = make_settings(
        folder,
        make_database(request.param, folder, request, "giving"),
        stripe_secret_key=KEY,
        stripe_webhook_secret=("whsec_newest", SECRET),
        stripe_api_base=sandbox_process.url,
        organisation_gift_aid=True,
    )
    application = create_app(settings)
    with application.app_context():
        upgrade()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def money(client: FlaskClient, sandbox: SandboxProcess) -> Money:
    return Money(client, sandbox)


@pytest.fixture
def live(app: Flask, site: Site) -> Iterator[Site]:
    """The application on a real port."""
    with site.serving(app):
        yield site
