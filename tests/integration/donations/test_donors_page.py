"""The donor's own page: asked for by mail, opened by its link alone, and what can be done there."""

import re
from datetime import timedelta
from typing import Any

import pytest
import requests
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.core.tokens import Purpose, Tokens
from campaign.donations import giver, receipts
from campaign.donations.models import (
    ChangeKind,
    ChangeState,
    Donation,
    FailedRenewal,
    Frequency,
    MonthlyGift,
    MonthlyGiftChange,
    MonthlyGiftState,
)
from campaign.mail.models import MailKind, OutboxMessage
from campaign.settings import Settings
from campaign.worker.timetable import run_once
from tests.factories import NOW, make_campaign
from tests.integration.donations.conftest import Money
from tests.integration.donations.test_gift_aid import make_payment

ADA, BEN = "ada@example.org", "ben@example.org"


def make_donor(settings: Settings, email: str, **more: Any) -> Donation:
    """Somebody with one receipt; gives the donation."""
    payment = make_payment(make_campaign(), **more)
    with transaction() as session:
        donation = session.get_one(Donation, payment.donation_id)
        donation.email, donation.email_key = email, address_key(settings.hash_key, email)
        receipts.issue(session, payment.id, now=NOW)
    return donation


def make_gift(donation: Donation, **more: Any) -> MonthlyGift:
    with transaction() as session:
        session.get_one(Donation, donation.id).frequency = Frequency.MONTHLY
        values = {
            "donation_id": donation.id, "campaign_id": donation.campaign_id, "email_key": donation.email_key,
            "subscription": f"sub_{donation.id}", "customer": f"cus_{donation.id}", "state": MonthlyGiftState.ACTIVE,
            "amount_minor": 1000, "currency": "GBP", "started_at": NOW, "state_changed_at": NOW,
            "renews_at": NOW + timedelta(days=30),
        }  # fmt: skip
        gift = MonthlyGift(**(values | more))
        session.add(gift)
    return gift


def page_of(settings: Settings, donation: Donation) -> str:
    return f"/giving/{giver.giving_token(Tokens(settings.secret_key), donation)}"


def changes() -> list[tuple[ChangeKind, ChangeState, int | None]]:
    db.session.rollback()
    rows = db.session.scalars(select(MonthlyGiftChange).order_by(MonthlyGiftChange.id))
    return [(row.kind, row.state, row.amount_minor) for row in rows]


def mails() -> list[MailKind]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage.kind)))


def test_the_answer_is_the_same_whether_the_address_ever_gave(client: FlaskClient, settings: Settings) -> None:
    make_donor(settings, ADA)
    known, unknown = (client.post("/giving", data={"email": email}) for email in ("ADA@example.org ", "no@example.org"))
    assert (known.status_code, known.location, known.data) == (303, "/giving/check-your-inbox", unknown.data)
    assert dict(known.headers) == dict(unknown.headers)
    assert mails() == [MailKind.GIVING_LINK]
    bad = client.post("/giving", data={"email": "ada"})
    assert (bad.status_code, 'id="email-error"' in bad.text) == (422, True)


def test_an_address_gets_three_links_a_day(client: FlaskClient, settings: Settings) -> None:
    make_donor(settings, ADA)
    for _ in range(5):
        assert client.post("/giving", data={"email": ADA}).status_code == 303
    assert len(mails()) == 3


def test_the_mailed_link_opens_the_page(client: FlaskClient, settings: Settings, app: Flask) -> None:
    make_donor(settings, ADA)
    client.post("/giving", data={"email": ADA})
    before = {file.name for file in (settings.mailbox / "new").glob("*")}
    run_once(app, settings)
    (file,) = [file for file in (settings.mailbox / "new").iterdir() if file.name not in before]
    link = re.search(r"http://campaign\.test(/giving/\S+)", file.read_text())
    assert link
    page = client.get(link[1])
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert "Set-Cookie" not in page.headers
    assert "noindex" in page.text
    assert "£10" in page.text


def test_a_link_opens_its_own_donor_only(client: FlaskClient, settings: Settings) -> None:
    ada, ben = make_donor(settings, ADA), make_donor(settings, BEN)
    gift = make_gift(ben)
    own = page_of(settings, ada)
    assert client.get(f"{own}/receipts/1.pdf").data.startswith(b"%PDF")
    assert client.get(f"{own}/statements/2026.pdf").data.startswith(b"%PDF")
    for foreign in ("receipts/2.pdf", "receipts/99.pdf", "statements/2024.pdf", "statements/99999.pdf",
                    f"monthly/{gift.public_id}/cancel", "monthly/nothing/cancel"):  # fmt: skip
        assert client.get(f"{own}/{foreign}").status_code == 404, foreign
    assert client.post(f"{own}/monthly/{gift.public_id}/cancel").status_code == 404
    assert changes() == []


def test_an_altered_link_and_one_of_another_purpose_open_nothing(client: FlaskClient, settings: Settings) -> None:
    donation = make_donor(settings, ADA)
    path = page_of(settings, donation)
    other = Tokens(settings.secret_key).make(Purpose.CONFIRM_SIGNATURE, donation.id, 1)
    for wrong in (f"{path}x", "/giving/nothing", f"/giving/{other}"):
        answer = client.get(wrong)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store"), wrong


def test_an_old_link_leads_to_a_new_one(client: FlaskClient, settings: Settings) -> None:
    donation = make_donor(settings, ADA)
    path, gift = page_of(settings, donation), make_gift(donation)
    with time_machine.travel(clock.now() + giver.LINK_LIFE + timedelta(minutes=1)):
        answer = client.get(path)
        assert (answer.status_code, 'action="/giving"' in answer.text) == (410, True)
        assert client.post(f"{path}/monthly/{gift.public_id}/cancel").status_code == 410
    assert changes() == []


def test_a_monthly_gift_is_cancelled_in_two_presses_and_only_by_them(client: FlaskClient, settings: Settings) -> None:
    donation = make_donor(settings, ADA)
    gift, path = make_gift(donation), page_of(settings, donation)
    assert f"{path}/monthly/{gift.public_id}/cancel" in client.get(path).text
    asked = client.get(f"{path}/monthly/{gift.public_id}/cancel")
    assert "nothing more is taken" in asked.text
    assert changes() == []
    for _ in range(2):
        assert client.post(f"{path}/monthly/{gift.public_id}/cancel").location == path
    assert changes() == [(ChangeKind.CANCEL, ChangeState.WANTED, None)]
    page = client.get(path).text
    assert "Nothing more is taken." in page
    assert "/pause" not in page
    assert client.post(f"{path}/monthly/{gift.public_id}/pause").status_code == 303
    assert len(changes()) == 1


def test_the_amount_is_changed_and_the_gift_paused_and_resumed(client: FlaskClient, settings: Settings) -> None:
    donation = make_donor(settings, ADA)
    gift, path = make_gift(donation), page_of(settings, donation)
    own = f"{path}/monthly/{gift.public_id}"
    assert client.post(f"{own}/amount", data={"amount": "25.50"}).status_code == 303
    assert "on its way to our payment provider" in client.get(path).text
    client.post(f"{own}/pause")
    assert changes()[:2] == [
        (ChangeKind.AMOUNT, ChangeState.WANTED, 2550), (ChangeKind.PAUSE, ChangeState.WANTED, None)
    ]  # fmt: skip
    assert client.post(f"{own}/refund").status_code in (404, 405)


@pytest.mark.parametrize("typed", ["", "NaN", "1e3", "-5", "0", "0.10", "10.001", "١٢"])
def test_a_wrong_amount_changes_nothing(client: FlaskClient, settings: Settings, typed: str) -> None:
    donation = make_donor(settings, ADA)
    gift, path = make_gift(donation), page_of(settings, donation)
    answer = client.post(f"{path}/monthly/{gift.public_id}/amount", data={"amount": typed})
    assert (answer.status_code, 'id="amount-error"' in answer.text) == (422, True)
    assert changes() == []


def test_a_failed_renewal_is_told(client: FlaskClient, settings: Settings) -> None:
    donation = make_donor(settings, ADA)
    gift = make_gift(donation, state=MonthlyGiftState.PAST_DUE)
    with transaction() as session:
        session.add(
            FailedRenewal(
                monthly_gift_id=gift.id, invoice="in_1", amount_minor=1000, currency="GBP", failed_at=NOW,
                next_attempt_at=NOW + timedelta(days=3),
            )
        )  # fmt: skip
    page = client.get(page_of(settings, donation)).text
    assert "did not go through" in page
    assert "tried again on 15 March 2026" in page


def test_another_sites_form_is_refused(client: FlaskClient, settings: Settings) -> None:
    donation = make_donor(settings, ADA)
    gift, path = make_gift(donation), page_of(settings, donation)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post(f"{path}/monthly/{gift.public_id}/cancel", headers=headers).status_code == 403
    assert changes() == []


def test_the_card_is_changed_at_stripe(client: FlaskClient, settings: Settings, money: Money) -> None:
    """The way back is a page that names nobody, not the link that opens everything."""
    donation = money.give(make_campaign(), frequency="monthly")
    money.pay(donation)
    money.hear("checkout.session.completed")
    (gift,) = money.rows(MonthlyGift)
    path = page_of(settings, donation)
    own = f"{path}/monthly/{gift.public_id}"
    assert f'action="{own}/card"' in client.get(path).text
    answer = client.post(f"{own}/card")
    assert (answer.status_code, answer.location.startswith(f"{money.sandbox.url}/p/session/")) == (303, True)
    portal = requests.get(answer.location, timeout=5).text
    assert "Change card" in portal
    assert f'href="http://campaign.test/donations/{donation.public_id}"' in portal
    assert path not in portal
    assert client.post(f"{path}/monthly/nothing/card").status_code == 404
    money.sandbox.control(
        "faults", {"next": [{"match": "POST /v1/billing_portal/sessions", "kind": "503", "times": 2}]}
    )
    answer = client.post(f"{own}/card")
    assert (answer.status_code, "cannot be opened now" in answer.text) == (503, True)


def test_mails_about_a_monthly_gift_lead_to_the_donors_page(
    client: FlaskClient, settings: Settings, money: Money, app: Flask
) -> None:
    campaign = make_campaign()
    for frequency in ("once", "monthly"):
        money.pay(money.give(campaign, frequency=frequency))
        money.hear("checkout.session.completed")
    before = {file.name for file in (settings.mailbox / "new").glob("*")}
    run_once(app, settings)
    texts = [file.read_text() for file in (settings.mailbox / "new").iterdir() if file.name not in before]
    links = {link for text in texts for link in re.findall(r"http://campaign\.test(/giving/[^\s\"<]+)", text)}
    assert len(texts) == 2
    assert len([text for text in texts if "/giving/" in text]) == 1
    (link,) = links
    assert "Cancel" in client.get(link).text
