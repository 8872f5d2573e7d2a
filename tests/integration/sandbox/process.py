"""The sandbox as a real process, and a receiver that takes its webhooks over real HTTP."""

import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import stripe

from tests.stripe_openapi.traffic import Traffic

KEY = "sk_test_" + "s" * 24
SECRET = "whsec_" + "w" * 24
ROOT = Path(__file__).resolve().parents[3]
SUCCESS = "http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}"
CANCEL = "http://127.0.0.1:9/cancelled"
CARD = {
    "email": "ada@example.org",
    "card_number": "4242 4242 4242 4242",
    "card_expiry": "12/34",
    "card_cvc": "123",
    "card_name": "Ada Lovelace",
}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(met: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """Wait for a condition, then give its value; fails with `what` when it does not come true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := met():
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not happen within {seconds} s: {what}")


@dataclass
class Receiver:
    """Takes webhooks, checks each signature with Stripe's own library, and answers as told."""

    events: list[stripe.Event] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # for the next deliveries; then 200
    refused: list[str] = field(default_factory=list)
    open_now: int = 0
    open_at_most: int = 0

    def __post_init__(self) -> None:
        receiver, lock = self, threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    receiver.open_now += 1
                    receiver.open_at_most = max(receiver.open_at_most, receiver.open_now)
                time.sleep(0.02)
                with lock:
                    status = receiver.take(body, self.headers["Stripe-Signature"])
                    receiver.open_now -= 1
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/stripe"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body: bytes, signature: str) -> int:
        """Note an event; the status to answer."""
        try:
            event = stripe.Webhook.construct_event(body, signature, SECRET)
        except (ValueError, stripe.SignatureVerificationError) as error:
            self.refused.append(str(error))
            return 400
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.events.append(event)
        return status

    @property
    def types(self) -> list[str]:
        """Kinds of the events taken, in order of arrival."""
        return [event.type for event in self.events]

    def wait_for(self, kind: str, count: int = 1) -> stripe.Event:
        """The last of `count` events of a kind, once they have come."""
        wait_until(lambda: self.types.count(kind) >= count, f"{count} of {kind}; came: {self.types}")
        return [event for event in self.events if event.type == kind][-1]

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()


class SandboxProcess:
    """One sandbox; may be killed and started again on the same state."""

    def __init__(self, state: Path, webhook_url: str = "", **environment: str) -> None:
        self.state, self.webhook_url, self.environment = state, webhook_url, environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = requests.Session()
        self.traffic = Traffic(self.url, self.http)
        self.start()

    def start(self) -> None:
        """Start and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "campaign.sandbox", "--port", str(self.port)],
            cwd=ROOT,
            env={
                "SANDBOX_STATE": str(self.state),
                "STRIPE_SECRET_KEY": KEY,
                "STRIPE_WEBHOOK_SECRET": f"{SECRET},whsec_older",
                "SANDBOX_WEBHOOK_URL": self.webhook_url,
                "SANDBOX_RECORD": "yes",
                **self.environment,
            },
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, "the sandbox starts")

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the sandbox ended at start"
        try:
            return self.http.get(f"{self.url}/_sandbox/state").ok
        except requests.ConnectionError:
            return False

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=5)

    def close(self) -> None:
        """End it, however it is, and hold what it heard and said against Stripe's description."""
        running = self.process.poll() is None
        try:
            if running:
                self.check_traffic()
        finally:
            if running:
                self.kill()
            self.http.close()

    def check_traffic(self) -> None:
        """Fails when a call that was made here or an event that was told here is not as Stripe describes it."""
        problems = self.traffic.check()
        assert not problems, "not as Stripe describes it:\n" + "\n".join(problems)

    def client(self, key: str = KEY) -> stripe.StripeClient:
        """Stripe's own library, which does not retry by itself."""
        return stripe.StripeClient(key, base_addresses={"api": self.url}, max_network_retries=0)

    def control(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Use a control; the answer."""
        response = self.http.post(f"{self.url}/_sandbox/{path}", json=body or {})
        assert response.ok, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def state_now(self) -> dict[str, Any]:
        """What the sandbox says it holds."""
        state: dict[str, Any] = self.http.get(f"{self.url}/_sandbox/state").json()
        return state

    def session(self, **more: Any) -> stripe.checkout.Session:
        """An open session for £10, unless told otherwise."""
        return self.client().v1.checkout.sessions.create(session_params(**more))  # type: ignore[arg-type]

    def pay_page(self, session_id: str, **more: str) -> requests.Response:
        """Press the page's button."""
        page = f"{self.url}/c/pay/{session_id}"
        return self.http.post(page, data={**CARD, **more}, allow_redirects=False)

    def post(self, path: str, body: str, **headers: str) -> requests.Response:
        """A raw API call."""
        own = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-www-form-urlencoded"}
        return self.http.post(self.url + path, data=body, headers={**own, **headers})

    def subscribed(self, amount: int = 1000, currency: str = "gbp", **more: Any) -> dict[str, Any]:
        """A monthly gift whose first payment was made: the control's answer."""
        params = monthly_params(amount, currency, **more)
        session = self.client().v1.checkout.sessions.create(params)  # type: ignore[arg-type]
        return self.control("pay", {"session": session.id})

    def paid(self, amount: int = 1000, currency: str = "gbp") -> dict[str, Any]:
        """A session paid with the card that pays: the control's answer."""
        session = self.session(line_items=[line(amount, currency)])
        return self.control("pay", {"session": session.id})


def monthly_params(amount: int = 1000, currency: str = "gbp", **more: Any) -> dict[str, Any]:
    """What a good client sends for a monthly gift."""
    every_month = line(amount, currency)
    every_month["price_data"]["recurring"] = {"interval": "month"}
    own = {
        "mode": "subscription",
        "line_items": [every_month],
        "subscription_data": {"metadata": {"donation": "don_1"}, "description": "Monthly gift"},
    }
    given = session_params(**{**own, **more})
    del given["payment_intent_data"]
    return given


def line(amount: int, currency: str = "gbp", **product: str) -> dict[str, Any]:
    """A line item."""
    data = {"name": "Donation", "description": "For the hospitals", **product}
    return {"quantity": 1, "price_data": {"currency": currency, "unit_amount": amount, "product_data": data}}


def session_params(**more: Any) -> dict[str, Any]:
    """What a good client sends; None takes a parameter away."""
    given = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "submit_type": "donate",
        "line_items": [line(1000)],
        "client_reference_id": "don_1",
        "metadata": {"donation": "don_1"},
        "payment_intent_data": {"metadata": {"donation": "don_1"}, "description": "Donation don_1"},
        "customer_email": "ada@example.org",
        "success_url": SUCCESS,
        "cancel_url": CANCEL,
        "expires_at": int(time.time()) + 3600,
        "locale": "en",
        "adaptive_pricing": {"enabled": False},
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def error_of(response: requests.Response) -> dict[str, Any]:
    """The `error` part of a refusal."""
    body: dict[str, Any] = json.loads(response.text)
    error: dict[str, Any] = body["error"]
    return error
