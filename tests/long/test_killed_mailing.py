"""A mailing to many on PostgreSQL while its workers are killed at random, people leave, and somebody wants to sign.

`MAILING_SIZE` is how many supporters there are (5,000). What was counted is printed: run with -s to read it.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from campaign.app import create_app
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.core.tokens import Tokens
from campaign.mail.delivery import LEASE
from campaign.mail.models import MailKind, OutboxMessage
from campaign.mail.outbox import enqueue
from campaign.petitions.models import SignatureState
from campaign.settings import Settings
from campaign.supporters import leaving
from campaign.supporters.mailings import MailingFields, Words, add_mailing, move_mailing
from campaign.supporters.models import Consent, Mailing, MailingState, Subscription, Supporter
from campaign.supporters.unsubscribing import unsubscribe_token
from tests.conftest import make_database, make_settings, opened
from tests.factories import NOW, make_campaign, make_signature
from tests.processes import Program, beside_python, free_port, running

pytestmark = pytest.mark.long

SIZE = int(os.environ.get("MAILING_SIZE", "5000"))
WORKERS, KILLS = 4, 20
LEAVING, ERASED = SIZE // 50, SIZE // 100
# A mail is looked at, handed over and taken within less; who leaves in between may still get it.
INSTANT = 2.0  # seconds
PROMPT = 10.0  # seconds in which a confirmation leaves


@dataclass
class Sink:
    """A mail server that keeps of each mail only to whom it went, which it is, and when."""

    taken: list[tuple[str, str, float]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        head = (envelope.original_content or b"").partition(b"\r\n\r\n")[0].decode(errors="replace")
        number = next(line.split(":", 1)[1].strip() for line in head.splitlines() if line.startswith("Message-ID:"))
        self.taken.append((envelope.rcpt_tos[0], number, time.time()))
        return "250 OK"


@contextmanager
def listening(sink: Sink) -> Iterator[int]:
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def address(number: int) -> str:
    return f"reader{number}@example.org"


def make_supporters(campaign: Campaign, hash_key: str) -> None:
    """As confirming would have made them, ten thousand at a time."""
    for begin in range(0, SIZE, 10_000):
        numbers = range(begin + 1, min(begin + 10_000, SIZE) + 1)
        with transaction() as session:
            session.execute(
                insert(Supporter),
                [
                    {
                        "id": number, "email": address(number), "email_key": address_key(hash_key, address(number)),
                        "language": "en", "created_at": NOW,
                    }
                    for number in numbers
                ],
            )  # fmt: skip
            asked = {"campaign_id": campaign.id}
            session.execute(
                insert(Subscription),
                [asked | {"id": number, "supporter_id": number, "started_at": NOW} for number in numbers],
            )
            consent = asked | {"wording_version": "1", "channel": "signature", "given_at": NOW}
            session.execute(insert(Consent), [consent | {"supporter_id": number} for number in numbers])


def make_mailing(campaign: Campaign) -> Mailing:
    words = Words(language="en", subject="The lorry has arrived", body="**All** of it.\n\n- kits\n- blankets")
    with transaction() as session:
        mailing = add_mailing(session, campaign.id, MailingFields(texts=[words]), actor="test", now=clock.now())
        move_mailing(session, mailing, "schedule", was=1, actor="test", now=clock.now())
    return mailing


class Meanwhile:
    """What people do while it is sent: leave, are erased, sign."""

    def __init__(self, app: Flask, settings: Settings, campaign: Campaign, mailing: Mailing) -> None:
        self.client, self.settings, self.campaign, self.mailing = app.test_client(), settings, campaign, mailing
        self.gone: dict[str, float] = {}
        self.asked: dict[str, float] = {}
        self._some = random.Random(3).sample(range(1, SIZE + 1), LEAVING + ERASED)

    def goes_on(self, share: float) -> None:
        """As many as belong to this share of the whole."""
        while len(self.gone) < share * (LEAVING + ERASED):
            number = self._some[len(self.gone)]
            if len(self.gone) % 3:
                self._leave(number)
            else:
                self._erase(number)
            self.gone[address(number)] = time.time()

    def _leave(self, number: int) -> None:
        token = unsubscribe_token(Tokens(self.settings.secret_key), number, self.mailing.id)
        answer = self.client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200

    def _erase(self, number: int) -> None:
        with transaction() as session:
            key = address_key(self.settings.hash_key, address(number))
            assert leaving.erase(session, key, not_after=clock.now())

    def sign(self) -> None:
        """Ask for a confirmation."""
        signature = make_signature(self.campaign, state=SignatureState.PENDING)
        with transaction() as session:
            enqueue(
                session, MailKind.CONFIRM_SIGNATURE, object_id=signature.id, recipient_key=signature.email_key,
                language="en", now=clock.now(),
            )  # fmt: skip
        self.asked[str(signature.email)] = time.time()


def test_nobody_is_missed_and_nobody_gets_it_twice(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database, sink = make_database("postgresql", tmp_path, request, f"mailing_{SIZE}"), Sink()
    settings = make_settings(tmp_path, database)
    with opened(create_app(settings)) as app, listening(sink) as port:
        upgrade()
        campaign = make_campaign(slug="night")
        make_supporters(campaign, settings.hash_key)
        mailing = make_mailing(campaign)
        meanwhile = Meanwhile(app, settings, campaign, mailing)
        variables = {
            "CAMPAIGN_ENV": "test", "INSTANCE_DIR": str(tmp_path), "DATABASE_URL": database, "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(port), "STRIPE_API_BASE": "http://127.0.0.1:9", "HASH_KEY": settings.hash_key,
            "SECRET_KEY": settings.secret_key[0], "MAILINGS_PER_MINUTE": "600000", "BASE_URL": settings.base_url,
        }  # fmt: skip
        workers = [
            Program(beside_python("flask"), "--app", "wsgi", "worker", log=tmp_path / f"{n}.log", **variables)
            for n in range(WORKERS)
        ]
        begun = time.monotonic()
        with running(*workers):
            kill_at_random(workers, sink, meanwhile)
            wait_for_the_end(mailing)
        print(f"\n{SIZE:,} supporters, {WORKERS} workers, {KILLS} kills: {time.monotonic() - begun:.0f} s")
        check(sink, meanwhile, mailing)


def kill_at_random(workers: list[Program], sink: Sink, meanwhile: Meanwhile) -> None:
    """Twenty kills, spread over the mailing, each a random moment after so many have gone; people act in between."""
    chance = random.Random(11)
    for number in range(1, KILLS + 1):
        share = number / (KILLS + 1)
        deadline = time.monotonic() + 600
        while len(sink.taken) < share * SIZE * 0.95:
            assert time.monotonic() < deadline, f"stands still at {len(sink.taken)} of {SIZE}"
            meanwhile.goes_on(min(share, len(sink.taken) / SIZE))
            time.sleep(0.05)
        meanwhile.sign()
        time.sleep(chance.uniform(0, 0.3))
        victim = chance.choice(workers)
        victim.kill()
        victim.start()


def wait_for_the_end(mailing: Mailing) -> None:
    """Mails that killed workers had taken come again when their leases are over."""
    deadline = time.monotonic() + 3 * LEASE.total_seconds() + SIZE / 20
    while True:
        db.session.rollback()
        state = db.session.scalar(select(Mailing.state).where(Mailing.id == mailing.id))
        if state is MailingState.SENT:
            return
        assert time.monotonic() < deadline, "the mailing does not come to its end"
        time.sleep(1)


def check(sink: Sink, meanwhile: Meanwhile, mailing: Mailing) -> None:
    db.session.rollback()
    everybody = {address(number) for number in range(1, SIZE + 1)}
    mails = [(to, number, at) for to, number, at in sink.taken if to in everybody]
    got = Counter(to for to, _, _ in mails)
    assert everybody - meanwhile.gone.keys() - got.keys() == set(), "somebody was missed"
    twice = {to: count for to, count in got.items() if count > 1}
    print(f"{len(got):,} got it; twice, for a kill between the server's yes and its note: {len(twice)}")
    assert sum(twice.values()) - len(twice) <= KILLS
    assert all(len({number for to, number, _ in mails if to == one}) == 1 for one in twice), "another Message-ID"
    after = {to: at - meanwhile.gone[to] for to, _, at in mails if to in meanwhile.gone and at > meanwhile.gone[to]}
    print(f"{len(meanwhile.gone):,} left or were erased meanwhile; in the very instant of it were sent: {after}")
    assert all(seconds < INSTANT for seconds in after.values()), after
    assert len([to for to in meanwhile.gone if to not in got]) > 0
    check_confirmations(sink, meanwhile)
    done = db.session.get_one(Mailing, mailing.id)
    assert (done.queued, done.refused) == (0, 0)
    assert SIZE - len(meanwhile.gone) <= done.made <= SIZE
    assert done.sent == len(got)


def check_confirmations(sink: Sink, meanwhile: Meanwhile) -> None:
    """Each left within ten seconds, but for one whose worker was killed with it in hand."""
    came = {to: at for to, _, at in reversed(sink.taken) if to in meanwhile.asked}
    waits = sorted(came[to] - asked for to, asked in meanwhile.asked.items())
    print(f"{len(waits)} confirmations: median {waits[len(waits) // 2]:.2f} s, longest {waits[-1]:.2f} s")
    taken_twice = db.session.scalar(
        select(func.count()).where(OutboxMessage.kind == MailKind.CONFIRM_SIGNATURE, OutboxMessage.attempts > 1)
    )
    assert len([wait for wait in waits if wait > PROMPT]) <= (taken_twice or 0)
