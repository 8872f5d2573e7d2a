"""A random walk through all that happens to money, with everything going wrong; in the end our book is Stripe's.

Gifts once and monthly, declines, bank debits, refunds here and in the dashboard, disputes, renewals, cancellations;
webhooks dropped, doubled, delayed and reordered; Stripe failing, acting and then silent; the worker killed. The
application, the worker and the sandbox are real processes or servers that speak HTTP. A seed makes the same choices,
though not the same timing.
"""

import logging
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, update

from campaign.app import create_app
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed
from campaign.core.http.limits import limiter
from campaign.donations import changing, refunding
from campaign.donations.gateway import Gateway
from campaign.donations.models import (
    Alarm,
    AlarmKind,
    ChangeKind,
    ChangeState,
    Dispute,
    Donation,
    DonationState,
    MonthlyGift,
    MonthlyGiftChange,
    MonthlyGiftState,
    Payment,
    Receipt,
    Refund,
    RefundState,
    StripeEvent,
    UnmatchedObject,
)
from campaign.donations.queries import totals
from campaign.donations.refunding import RefundRefused, Wish
from campaign.mail.models import MailKind, OutboxMessage
from campaign.worker.payments import apply_all
from campaign.worker.reconciling import reconcile
from campaign.worker.stripe_requests import change_gifts, make_refunds
from tests.conftest import make_database, make_settings
from tests.factories import make_campaign
from tests.integration.donations.conftest import FORM, Site
from tests.integration.sandbox.process import KEY, SECRET, SandboxProcess
from tests.processes import Program, beside_python, running

PAYS, DECLINES = "4242424242424242", "4000000000000002"
CARDS = (
    *(PAYS,) * 8, DECLINES, DECLINES, "4000000000000259", "4000000000001976", "4000000000005423",
    "4000000000007726", "4000000000005126",
)  # fmt: skip
FAULTS = ("500", "act_then_500", "503", "429", "act_then_timeout", "act_then_timeout", "slow")
MODES = ("normal", "chaos", "chaos", "drop", "duplicate", "reorder", "delay", "hold")


class MoneyWalk:
    """One walk. Each step is a method; most of what it tries may be refused, as in life."""

    def __init__(self, app: Flask, sandbox: SandboxProcess, worker: Program, seed: int) -> None:
        self.app, self.sandbox, self.worker, self.random = app, sandbox, worker, Random(seed)
        self.client = app.test_client()
        self.campaigns = [
            make_campaign(other_currencies="EUR,USD"),
            make_campaign(currency="JPY", suggested_amounts="1000,5000", monthly_amounts="500,1000"),
        ]
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.sessions: list[str] = []
        self.kills = 0
        self.taken: Counter[str] = Counter()

    def take(self, steps: int) -> None:
        weights = {
            self.give: 16, self.press_again: 4, self.pay: 22, self.come_back: 8, self.answer_debit: 3,
            self.refund_here: 8, self.refund_in_the_dashboard: 4, self.fail_refund: 2, self.dispute: 4,
            self.decide_dispute: 4, self.bill: 6, self.fail_renewals: 1, self.renew: 0.4, self.change_gift: 6,
            self.end_in_the_dashboard: 1, self.trouble_stripe: 6, self.trouble_webhooks: 3, self.release: 2,
            self.let_time_pass: 0.6, self.replay: 2, self.kill_worker: 0.5,
        }  # fmt: skip
        acts = list(weights)
        for _ in range(steps):
            act = self.random.choices(acts, list(weights.values()))[0]
            self.taken[act.__name__] += 1
            act()
            db.session.rollback()

    def control(self, path: str, **body: Any) -> dict[str, Any] | None:
        """A control of the sandbox; None where it refused."""
        answer = self.sandbox.http.post(f"{self.sandbox.url}/_sandbox/{path}", json=body)
        return answer.json() if answer.ok else None

    def any_row(self, model: Any, *conditions: Any) -> Any:
        """A row picked by the walk's own dice, not the database's."""
        with self.app.app_context():
            ids = db.session.scalars(select(model.id).where(*conditions).order_by(model.id)).all()
            row = db.session.get(model, self.random.choice(ids)) if ids else None
            db.session.expunge_all()
            db.session.rollback()
        return row

    def any_intent(self) -> str:
        payment = self.any_row(Payment)
        return payment.payment_intent if payment else "pi_none"

    def give(self) -> None:
        campaign = self.random.choice(self.campaigns)
        currency = self.random.choice(["GBP", "GBP", "EUR", "USD"]) if campaign.currency == "GBP" else "JPY"
        amount = self.random.randint(200, 9000) if currency == "JPY" else self.random.randint(200, 9000) / 100
        fields = {
            **FORM, "amount": str(amount), "currency": currency,
            "frequency": self.random.choice(["once", "once", "monthly"]),
            "email": f"donor{self.random.randint(0, 15)}@example.org",
            "idempotency_key": f"key-{len(self.sent)}",
        }  # fmt: skip
        if self.random.random() < 0.3:
            fields["cover_fee"] = "1"
        self.sent.append((f"/campaigns/{campaign.slug}/donate", fields))
        self.press(*self.sent[-1])

    def press(self, path: str, fields: dict[str, str]) -> None:
        limiter.reset()
        answer = self.client.post(path, data=fields)
        assert answer.status_code in (303, 503), (answer.status_code, answer.text)
        if answer.status_code == 303 and "/c/pay/" in answer.location:
            session = urlsplit(answer.location).path.rpartition("/")[2]
            if session not in self.sessions:
                self.sessions.append(session)

    def press_again(self) -> None:
        if self.sent:
            self.press(*self.random.choice(self.sent[-20:]))

    def pay(self) -> None:
        if not self.sessions:
            return
        session = self.random.choice(self.sessions[-10:])
        card = self.random.choice(CARDS)
        debit = {"method": "bank_debit"} if self.random.random() < 0.08 else {"card": card}
        paid = self.control("pay", session=session, **debit)
        if paid and paid["status"] == "complete":
            self.sessions.remove(session)

    def come_back(self) -> None:
        if donation := self.any_row(Donation):
            limiter.reset()
            assert self.client.get(f"/donations/{donation.public_id}").status_code == 200

    def answer_debit(self) -> None:
        if donation := self.any_row(Donation, Donation.state == DonationState.PROCESSING):
            outcome = self.random.choice(["succeed", "succeed", "fail"])
            self.control("debit", session=donation.checkout_session, outcome=outcome)

    def refund_here(self) -> None:
        payment = self.any_row(Payment)
        if payment is None:
            return
        amount = self.random.choice([payment.amount_minor, self.random.randint(1, payment.amount_minor)])
        with transaction() as session:
            with suppress(RefundRefused):
                refunding.ask_refund(
                    session, session.get_one(Donation, payment.donation_id), Wish(payment.id, amount, "Tried"),
                    form_key=f"form-{self.random.randint(0, 10**9)}", actor="a walk", now=clock.now(),
                )  # fmt: skip

    def refund_in_the_dashboard(self) -> None:
        payment = self.any_row(Payment)
        if payment:
            amount = self.random.randint(1, payment.amount_minor)
            self.control("refund", payment_intent=payment.payment_intent, amount=amount)

    def fail_refund(self) -> None:
        if refund := self.any_row(Refund, Refund.stripe_id.is_not(None)):
            self.control("refund/fail", refund=refund.stripe_id)

    def dispute(self) -> None:
        self.control("dispute", payment_intent=self.any_intent(), kind=self.random.choice(["dispute", "inquiry"]))

    def decide_dispute(self) -> None:
        if dispute := self.any_row(Dispute):
            self.control(self.random.choice(["dispute/win", "dispute/lose"]), dispute=dispute.stripe_id)

    def bill(self) -> None:
        if gift := self.any_row(MonthlyGift):
            self.control("bill", subscription=gift.subscription)

    def fail_renewals(self) -> None:
        self.control("fail_renewals", times=self.random.randint(1, 3))

    def renew(self) -> None:
        self.set_clocks(self.control("renew"))

    def set_clocks(self, moved: dict[str, Any] | None) -> None:
        """After Stripe's clock was moved on ours must follow, in the worker as well: in life they are one."""
        if moved:
            clock.set_offset(moved["clock_offset"])
            self.worker.variables["CLOCK_OFFSET"] = str(moved["clock_offset"])
            self.kill_worker()

    def change_gift(self) -> None:
        gift = self.any_row(MonthlyGift)
        if gift is None:
            return
        kind = self.random.choice([*ChangeKind, ChangeKind.AMOUNT])
        more = {"amount_minor": self.random.randint(200, 5000)} if kind is ChangeKind.AMOUNT else {}
        with transaction() as session:
            with suppress(Closed):
                changing.ask_change(session, gift.id, kind, asked_by="donor", now=clock.now(), **more)

    def end_in_the_dashboard(self) -> None:
        if gift := self.any_row(MonthlyGift, MonthlyGift.state == MonthlyGiftState.ACTIVE):
            headers = {"Authorization": f"Bearer {KEY}"}
            with suppress(requests.ConnectionError):
                self.sandbox.http.delete(f"{self.sandbox.url}/v1/subscriptions/{gift.subscription}", headers=headers)

    def trouble_stripe(self) -> None:
        match = self.random.choice(["* /v1/*", "POST /v1/*", "POST /v1/refunds", "POST /v1/checkout/sessions", "GET *"])
        fault = {
            "match": match,
            "kind": self.random.choice(FAULTS),
            "times": self.random.randint(1, 3),
            "seconds": 0.02,
        }
        self.control("faults", next=[fault])

    def trouble_webhooks(self) -> None:
        mode = {"mode": self.random.choice(MODES), "times": 2, "seconds": self.random.choice([0, 1, 3])}
        self.control("webhooks", **mode, seed=self.random.randint(0, 1000))

    def release(self) -> None:
        self.control("webhooks/release", order=self.random.choice(["as_held", "reverse"]))

    def let_time_pass(self) -> None:
        self.set_clocks(self.control("time", advance_seconds=self.random.choice([90, 3600, 86400])))

    def replay(self) -> None:
        if event := self.any_row(StripeEvent):
            with transaction() as session:
                session.execute(
                    update(StripeEvent)
                    .where(StripeEvent.id == event.id)
                    .values(state="received", available_at=clock.now(), attempts=0)
                )

    def kill_worker(self) -> None:
        self.worker.kill()
        self.worker.start()
        self.kills += 1


def walk_money(engine: str, folder: Path, request: pytest.FixtureRequest, *, steps: int, seed: int) -> MoneyWalk:
    """Walk, then compare once with Stripe, and hold our book against Stripe's to the penny."""
    site = Site()
    sandbox = SandboxProcess(folder / "sandbox.sqlite3", f"{site.url}/hooks/stripe")
    database = make_database(engine, folder, request, f"money_{engine}_{seed}_{steps}")
    stripe_settings = {"stripe_secret_key": KEY, "stripe_webhook_secret": (SECRET,), "stripe_api_base": sandbox.url}
    app = create_app(make_settings(folder, database, **stripe_settings))
    variables = {
        "CAMPAIGN_ENV": "test", "INSTANCE_DIR": str(folder), "DATABASE_URL": database,
        "BASE_URL": "http://campaign.test", "HASH_KEY": "test-hash-key-" + "x" * 32,
        "SECRET_KEY": "test-secret-key-" + "x" * 32, "STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": sandbox.url, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": "9",  # mail is not the subject
    }  # fmt: skip
    worker = Program(beside_python("flask"), "--app", "wsgi", "worker", log=folder / "worker.log", **variables)
    logging.getLogger("campaign").setLevel(logging.ERROR)  # what goes wrong here goes wrong on purpose
    try:
        with app.app_context():
            upgrade()
            site.app = app
            walk = MoneyWalk(app, sandbox, worker, seed)
            with running(worker):
                walk.take(steps)
            finish(walk)
            check(walk)
            db.session.remove()
            db.engine.dispose()
        return walk
    finally:
        clock.set_offset(0)
        sandbox.close()
        site.close()


def finish(walk: MoneyWalk) -> None:
    """Stripe answers again, what is wanted of it is done, and one comparison is made. Lost webhooks stay lost."""
    walk.control("faults", clear=True)
    walk.control("webhooks", mode="drop")
    offset = walk.sandbox.state_now()["clock_offset"]
    clock.set_offset(offset + 2 * 3600)  # past every pause and lease
    gateway = Gateway(KEY, walk.sandbox.url)
    apply_all(gateway)
    db.session.rollback()
    for _ in range(3):  # a change waits for the one before it
        while make_refunds(gateway) + change_gifts(gateway):
            pass
        db.session.rollback()
    reconcile(gateway, days=30)
    db.session.rollback()


def balance(sandbox: SandboxProcess) -> Counter[tuple[str, str]]:
    """What Stripe's balance says, per currency: what donors' money came to, and the fees."""
    found: Counter[tuple[str, str]] = Counter()
    for movement in sandbox.client().v1.balance_transactions.list({"limit": 100}).auto_paging_iter():
        found["amount", movement.currency.upper()] += movement.amount
        found["fee", movement.currency.upper()] += movement.fee
    return found


def check(walk: MoneyWalk) -> None:
    """Our ledger is the sandbox's, each payment has one receipt, each alarm that must be there is."""
    session = db.session()
    ours: Counter[tuple[str, str]] = Counter()
    payments = session.scalars(select(Payment)).all()
    for payment in payments:
        ours["amount", payment.currency] += payment.amount_minor - payment.refunded_minor - payment.disputed_minor
        assert payment.fee_minor is not None
        assert payment.net_minor == payment.amount_minor - payment.fee_minor
        ours["fee", payment.currency] += payment.fee_minor
        assert not payment.mismatched
    for fee_minor, currency in session.execute(
        select(Dispute.fee_minor, Payment.currency).join(Payment, Payment.id == Dispute.payment_id)
    ):
        ours["fee", currency] += fee_minor
    assert +ours == +balance(walk.sandbox)
    shown: Counter[str] = Counter()
    for campaign in walk.campaigns:
        for currency, amount_minor, _donors in totals(session, campaign.id):
            shown[currency] += amount_minor
    assert +shown == +Counter({currency: amount for (kind, currency), amount in ours.items() if kind == "amount"})
    check_refunds(walk)
    check_gifts(walk)
    receipts = session.scalars(select(Receipt.payment_id)).all()
    mails = session.scalars(
        select(OutboxMessage.object_id).where(OutboxMessage.kind == MailKind.DONATION_RECEIPT)
    ).all()
    assert sorted(receipts) == sorted(mails) == sorted(payment.id for payment in payments)
    ours_at_stripe = {payment.charge for payment in payments} | set(session.scalars(select(MonthlyGift.subscription)))
    left = select(UnmatchedObject.stripe_id).where(UnmatchedObject.resolved_at.is_(None))
    assert not ours_at_stripe & set(session.scalars(left))
    db.session.rollback()


def check_refunds(walk: MoneyWalk) -> None:
    """Every refund that was asked for here was made once, or refused; every one at Stripe stands here."""
    session = db.session()
    at_stripe = list(walk.sandbox.client().v1.refunds.list({"limit": 100}).auto_paging_iter())
    asked = [refund.metadata.to_dict()["refund"] for refund in at_stripe if refund.metadata.to_dict()]
    assert len(asked) == len(set(asked))
    rows = {refund.stripe_id: refund for refund in session.scalars(select(Refund)) if refund.stripe_id}
    assert {refund.id: (refund.amount, refund.status) for refund in at_stripe} == {
        stripe_id: (row.amount_minor, row.state.value) for stripe_id, row in rows.items()
    }
    waiting = session.scalar(select(func.count()).select_from(Refund).where(Refund.state == RefundState.WANTED))
    assert waiting == 0


def check_gifts(walk: MoneyWalk) -> None:
    """Monthly gifts stand as at Stripe, nothing that was wanted waits, and a charge after the end is an alarm."""
    session = db.session()
    gateway = Gateway(KEY, walk.sandbox.url)
    gifts = {gift.subscription: gift for gift in session.scalars(select(MonthlyGift))}
    at_stripe = {word.subscription: word for word in gateway.subscriptions()}
    begun = {name: word for name, word in at_stripe.items() if name in gifts or word.state != "starting"}
    assert {name: (word.state, word.amount_minor) for name, word in begun.items() if word.state != "canceled"} == {
        name: (gift.state, gift.amount_minor) for name, gift in gifts.items() if gift.state != "canceled"
    }
    wanted = select(MonthlyGiftChange).where(MonthlyGiftChange.state == ChangeState.WANTED)
    assert session.scalars(wanted).all() == []
    alarmed = set(session.scalars(select(Alarm.subject).where(Alarm.kind == AlarmKind.CHARGED_AFTER_CANCEL)))
    for payment in session.scalars(select(Payment).where(Payment.monthly_gift_id.is_not(None))):
        gift = session.get_one(MonthlyGift, payment.monthly_gift_id)
        if gift.cancel_asked_at and payment.paid_at > gift.cancel_asked_at:
            assert payment.payment_intent in alarmed
