"""Receipts: one number for each payment, without a gap; a PDF that says what is true now; the mail that carries it."""

import email
import email.policy
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.donations import receipts
from campaign.donations.models import Donation, Payment, Receipt
from campaign.donations.receipt_paper import print_receipt, print_statement
from campaign.reports.printing import print_style
from campaign.settings import Settings
from campaign.worker.timetable import run_once
from tests.conftest import need
from tests.factories import NOW, make_campaign
from tests.integration.donations.conftest import Money
from tests.integration.donations.test_gift_aid import make_payment


def issue(payment: Payment) -> int:
    with transaction() as session:
        receipts.issue(session, payment.id, now=NOW)
    return receipts.get_facts(db.session(), payment.id).number


def text_of(pdf: bytes) -> str:
    """The words of a PDF, as a reader would select them."""
    need(shutil.which("pdftotext"), "pdftotext (poppler-utils)")
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def test_each_payment_gets_the_next_number_once(money: Money) -> None:
    campaign = make_campaign()
    for _ in range(2):
        donation = money.give(campaign)
        money.pay(donation)
        for _ in range(2):
            money.hear("checkout.session.completed")
    numbers = db.session.scalars(select(Receipt.number).order_by(Receipt.payment_id)).all()
    assert numbers == [1, 2]


def test_numbers_leave_no_gap_when_a_transaction_is_taken_back(app: Flask) -> None:
    campaign = make_campaign()
    assert issue(make_payment(campaign)) == 1
    lost = make_payment(campaign)

    def fail() -> None:
        with transaction() as session:
            receipts.issue(session, lost.id, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with pytest.raises(NotFound):
        receipts.get_facts(db.session(), lost.id)
    assert issue(make_payment(campaign)) == 2


def test_numbers_given_out_at_once_are_all_different(app: Flask) -> None:
    campaign = make_campaign()
    payments = [make_payment(campaign) for _ in range(12)]
    start = threading.Barrier(4)

    def give_out(some: list[Payment]) -> None:
        with app.app_context():
            start.wait()
            for payment in some:
                issue(payment)

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(give_out, payments[number::4]) for number in range(4)]:
            future.result()
    assert sorted(db.session.scalars(select(Receipt.number))) == list(range(1, 13))


@pytest.mark.parametrize(
    ("change", "shown", "hidden"),
    [
        ({}, ["Receipt 1", "£10", "12 March 2026", "Ada Lovelace", "You declared Gift Aid"], ["void", "Given back"]),
        ({"refunded_minor": 250}, ["Given back", "£2.50", "Amount kept", "£7.50"], ["void"]),
        ({"refunded_minor": 1000}, ["This receipt is void"], ["Amount kept"]),
    ],
)
def test_a_receipt_says_what_is_true_now(
    app: Flask, settings: Settings, change: dict[str, int], shown: list[str], hidden: list[str]
) -> None:
    payment = make_payment(make_campaign(), **change)
    issue(payment)
    facts = receipts.get_facts(db.session(), payment.id)
    words = text_of(print_receipt(facts, print_style(settings), now=NOW))
    assert all(word in words for word in shown), words
    assert not any(word in words for word in hidden), words
    assert "Lantern Newspapers Ltd (sample)" in words


def test_a_year_is_the_years_of_the_zone_and_adds_up_by_currency(app: Flask, settings: Settings) -> None:
    campaign = make_campaign()
    paid = [
        make_payment(campaign, paid_at=datetime(2025, 12, 31, 23, 59, tzinfo=UTC)),
        make_payment(campaign, paid_at=datetime(2026, 1, 1, 0, 0, tzinfo=UTC)),
        make_payment(campaign, refunded_minor=250),
        make_payment(campaign, currency="EUR", declared=False),
        make_payment(campaign, paid_at=datetime(2027, 1, 1, 0, 0, tzinfo=UTC)),
    ]
    with transaction() as session:
        for payment in paid:
            session.get_one(Donation, payment.donation_id).email_key = "one"
    for payment in paid:
        issue(payment)
    facts = receipts.list_donors_facts(db.session(), "one")
    assert [one.number for one in facts] == [5, 4, 3, 2, 1]
    year = receipts.in_year(facts, 2026, ZoneInfo("Europe/London"))
    assert [one.number for one in year] == [2, 3, 4]
    words = text_of(print_statement(year, 2026, print_style(settings), now=NOW))
    for word in ("Your donations in 2026", "Together: £17.50", "Together: €10", "12 March 2026"):
        assert word in words, words
    assert receipts.list_donors_facts(db.session(), "another") == []


def test_the_mail_carries_the_receipt_as_a_pdf(money: Money, settings: Settings, app: Flask) -> None:
    donation = money.give(make_campaign(), name="عمر الشامي")
    money.pay(donation)
    money.hear("checkout.session.completed")
    before = {file.name for file in (settings.mailbox / "new").glob("*")}
    run_once(app, settings)
    (file,) = [file for file in (settings.mailbox / "new").iterdir() if file.name not in before]
    message: Any = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    (attached,) = list(message.iter_attachments())
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", "receipt-1.pdf")
    assert attached.get_content().startswith(b"%PDF")
    assert "Receipt number: 1" in message.get_body(("plain",)).get_content()
    assert message.get_body(("html",)) is not None
