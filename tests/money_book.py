"""Runs a walk through all that happens to money, and holds our book against Stripe's in the end."""

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select

from campaign.app import create_app
from campaign.core import clock
from campaign.core.database import db
from campaign.donations.gateway import Gateway
from campaign.donations.models import (
    Alarm,
    AlarmKind,
    ChangeState,
    Dispute,
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
from campaign.mail.models import MailKind, OutboxMessage
from campaign.worker.payments import apply_all
from campaign.worker.reconciling import reconcile
from campaign.worker.stripe_requests import change_gifts, make_refunds
from tests.conftest import make_database, make_settings, opened
from tests.integration.donations.conftest import Site
from tests.integration.sandbox.process import KEY, SECRET, SandboxProcess
from tests.money_walk import MoneyWalk
from tests.processes import Program, beside_python, running


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
    log = logging.getLogger("campaign")
    level = log.level
    log.setLevel(logging.ERROR)  # what goes wrong here goes wrong on purpose
    try:
        with opened(app), site.serving(app):
            upgrade()
            walk = MoneyWalk(app, sandbox, worker, seed)
            with running(worker):
                walk.take(steps)
            finish(walk)
            check(walk)
            walk.met = ingredients(walk)
        return walk
    finally:
        log.setLevel(level)
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
    assert ours == balance(walk.sandbox)
    shown: Counter[str] = Counter()
    for campaign in walk.campaigns:
        for currency, amount_minor, _donors in totals(session, campaign.id):
            shown[currency] += amount_minor
    assert shown == Counter({currency: amount for (kind, currency), amount in ours.items() if kind == "amount"})
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


def ingredients(walk: MoneyWalk) -> Counter[str]:
    """How often the walk met each thing that happens to money, as our book has it."""
    session = db.session()

    def count(model: Any, *conditions: Any) -> int:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

    found = walk.met + Counter(
        {
            "payments": count(Payment),
            "debits": walk.taken["answer_debit"],
            "refunds asked for": count(Refund, Refund.requested_by != ""),
            "refunds of the dashboard": count(Refund, Refund.requested_by == ""),
            "refunds that failed": count(Refund, Refund.state == RefundState.FAILED),
            "disputes": count(Dispute),
            "renewals": count(Payment, Payment.monthly_gift_id.is_not(None)) - count(MonthlyGift),
            "cancellations": count(MonthlyGift, MonthlyGift.state == MonthlyGiftState.CANCELED),
            "events taken twice": count(StripeEvent, StripeEvent.attempts > 1),
        }
    )
    session.rollback()
    return found


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
