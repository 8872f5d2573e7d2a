"""kill -9 of web and worker while people sign: whoever saw "check your inbox" has a row and gets a mail."""

import http.client
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import select

from campaign.app import create_app
from campaign.core.database import db
from campaign.mail.models import OutboxMessage
from campaign.petitions import tally
from campaign.petitions.models import Signature, SignatureState
from tests.conftest import ENGINES, make_database, make_settings, opened
from tests.factories import make_campaign
from tests.processes import Program, answers, beside_python, free_port, running, wait_until
from tests.smtp import Inbox, smtp_server

PATIENCE = 400  # times that somebody presses again: two minutes, for a busy machine is slow to start a server


@dataclass(frozen=True)
class Night:
    """How many people sign, spread over how many seconds, and how often a process is killed meanwhile."""

    signers: int
    kills: int
    seconds: float = 0

    @property
    def addresses(self) -> set[str]:
        return {f"person{number}@example.org" for number in range(self.signers)}


def sign(base: str, number: int) -> bool:
    """Sign as one person would who presses the button until the answer comes; True when it came."""
    form = urllib.parse.urlencode(
        {"name": f"Person {number}", "email": f"person{number}@example.org", "country": "GB"}
    ).encode()
    request = urllib.request.Request(f"{base}/campaigns/night/sign", data=form)
    # As many networks as people, so that no limit of a network is met.
    request.add_header("X-Forwarded-For", f"10.{number // 250}.{number % 250}.1")
    for _ in range(PATIENCE):
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return str(answer.url).endswith("/check-your-inbox")
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
        except (OSError, http.client.HTTPException):
            pass  # killed under way
        time.sleep(0.3)
    return False


@pytest.mark.parametrize("engine", ENGINES)
def test_kills_lose_nobody(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    live_through(Night(signers=200, kills=6), engine, request, tmp_path)


def live_through(night: Night, engine: str, request: pytest.FixtureRequest, folder: Path) -> None:
    """Run web and worker, let people sign while both are killed, and find everybody's row, count and mail."""
    database = make_database(engine, folder, request, f"kills_{engine}_{night.kills}")
    port = free_port()
    with opened(create_app(make_settings(folder, database))), smtp_server() as inbox:
        upgrade()
        make_campaign(slug="night", goal=100_000)
        variables = {
            "CAMPAIGN_ENV": "test", "INSTANCE_DIR": str(folder), "DATABASE_URL": database, "PORT": str(port),
            "BASE_URL": f"http://127.0.0.1:{port}", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(inbox.port),
            "TRUSTED_PROXIES": "1", "STRIPE_API_BASE": "http://127.0.0.1:9", "HASH_KEY": "test-hash-key-" + "x" * 32,
            "SECRET_KEY": "test-secret-key-" + "x" * 32,
        }  # fmt: skip
        web = Program(beside_python("flask"), "--app", "wsgi", "serve", log=folder / "web.log", **variables)
        worker = Program(beside_python("flask"), "--app", "wsgi", "worker", log=folder / "worker.log", **variables)
        base = f"http://127.0.0.1:{port}"
        with running(web, worker):
            wait_until(lambda: answers(f"{base}/healthz"), "the web server answers")
            _sign_while_killing(night, base, web, worker)
            _check_everybody_was_mailed(night, inbox)
        db.session.rollback()
        rows = db.session.scalars(select(Signature.email)).all()
        assert sorted(rows, key=str) == sorted(night.addresses)
        assert tally.counts(db.session(), 1)[SignatureState.PENDING] == night.signers


def _sign_while_killing(night: Night, base: str, web: Program, worker: Program) -> None:
    def kill() -> int:
        chance = random.Random(7)
        for number in range(night.kills):
            time.sleep(chance.uniform(0.3, 1.2))
            victim = web if number % 2 else worker
            victim.kill()
            victim.start()
            # Half of the next kills find a process that is just starting; more often, nobody could ever sign.
            if victim is web and chance.random() < 0.5:
                wait_until(lambda: answers(f"{base}/healthz"), "the web server is back")
        return night.kills

    def come(number: int) -> bool:
        time.sleep(night.seconds / night.signers * 40)  # 40 at a time
        return sign(base, number)

    with ThreadPoolExecutor(41) as pool:
        killer = pool.submit(kill)
        signed = [pool.submit(come, number) for number in range(night.signers)]
        assert all(one.result() for one in signed)
        assert killer.result() == night.kills


def _check_everybody_was_mailed(night: Night, inbox: Inbox) -> None:
    wait_until(lambda: {mail["To"] for mail in inbox.messages} == night.addresses, "everybody has a mail", 180)
    # One mail is sent twice only where a worker died between the server's yes and its note: once for each kill at most.
    sent = [mail["Message-ID"].strip("<>").partition("@")[0] for mail in inbox.messages]
    assert len(sent) - len(set(sent)) <= night.kills
    # Whoever pressed again because the answer was lost may have been mailed again, by a row of its own.
    db.session.rollback()
    assert set(sent) <= set(db.session.scalars(select(OutboxMessage.message_id)))
