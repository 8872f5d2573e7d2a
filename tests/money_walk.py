"""A random walk through all that happens to money, with everything going wrong; in the end our book is Stripe's.

Gifts once and monthly, declines, bank debits, refunds here and in the dashboard, disputes, renewals, cancellations;
webhooks dropped, doubled, delayed and reordered; Stripe failing, acting and then silent; the worker killed. The
application, the worker and the sandbox are real processes or servers that speak HTTP. A seed makes the same choices,
though not the same timing.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from sqlalchemy import func, select, update

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed
from campaign.core.http.limits import limiter
from campaign.donations import changing, refunding
from campaign.donations.models import (
    ChangeKind,
    Dispute,
    Donation,
    DonationState,
    EventState,
    MonthlyGift,
    MonthlyGiftState,
    Payment,
    Refund,
    StripeEvent,
)
from campaign.donations.refunding import RefundRefused, Wish
from tests.factories import make_campaign
from tests.integration.donations.conftest import FORM
from tests.integration.sandbox.process import KEY, SandboxProcess
from tests.processes import Program
from tests.puzzles import find_puzzle, solve

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
        self.taken: Counter[str] = Counter()
        self.met: Counter[str] = Counter()  # what went wrong on the way, by name

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
        if answer.status_code == 422 and (puzzle := find_puzzle(answer.text)):  # many cards were declined
            answer = self.client.post(path, data={**fields, "puzzle": solve(puzzle)})
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
        self.met["declined"] += bool(paid and paid["outcome"] == "declined")

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
        self.met[fault["kind"]] += 1
        self.control("faults", next=[fault])

    def trouble_webhooks(self) -> None:
        mode = {"mode": self.random.choice(MODES), "times": 2, "seconds": self.random.choice([0, 1, 3])}
        self.met[mode["mode"]] += 1
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
        """kill -9. What it had under way stays under its lease, and is taken up again when that is over."""
        self.worker.kill()
        self.met["killed"] += 1
        under_way = select(func.count()).where(
            StripeEvent.state == EventState.RECEIVED,
            StripeEvent.error == "",
            StripeEvent.available_at > clock.now() + timedelta(minutes=4),
        )
        self.met["killed at work"] += bool(db.session.scalar(under_way))
        self.worker.start()
