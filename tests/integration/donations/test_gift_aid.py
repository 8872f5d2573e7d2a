"""Gift Aid: declared with the gift, claimed once and only where it may be, and reported when a gift goes back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.donations import gift_aid
from campaign.donations.gift_aid import AlreadyClaimed, NothingToClaim
from campaign.donations.models import (
    Dispute,
    DisputeState,
    Donation,
    DonationState,
    GiftAidClaim,
    GiftAidClaimLine,
    GiftAidDeclaration,
    Payment,
)
from tests.factories import NOW, make_campaign
from tests.integration.donations.conftest import Money

ZONE = ZoneInfo("Europe/London")
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
DECLARED = {"gift_aid": "yes", "gift_aid_house": "12 Example Street", "gift_aid_postcode": "s192bd"}
_number = count(1)


def make_payment(campaign: Campaign, *, declared: bool = True, name: str = "Ada Lovelace", **more: Any) -> Payment:
    """A gift of £10 on 12 March with its payment, declared for Gift Aid unless told otherwise."""
    number = next(_number)
    with transaction() as session:
        donation = Donation(
            campaign_id=campaign.id, state=DonationState.SUCCEEDED, amount_minor=1000, currency="GBP", name=name,
            email=f"a{number}@example.org", email_key=str(number), consent_version="1", language="en",
            form_key=f"gift-{number}", created_at=NOW, state_changed_at=NOW,
        )  # fmt: skip
        session.add(donation)
        session.flush()
        values = {"amount_minor": 1000, "currency": "GBP", "paid_at": NOW, "payment_intent": f"pi_{number}"}
        payment = Payment(donation_id=donation.id, campaign_id=campaign.id, **(values | more))
        session.add(payment)
        if declared:
            gift_aid.declare(session, donation, house="12", postcode="S19 2BD", now=NOW)
    return payment


def claim(first_day: date = MARCH[0], last_day: date = MARCH[1]) -> GiftAidClaim:
    with transaction() as session:
        return gift_aid.make_claim(session, first_day, last_day, zone=ZONE, actor="admin", now=NOW)


def claimed_payments() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(GiftAidClaimLine.payment_id).order_by(GiftAidClaimLine.payment_id)))


def change(payment: Payment, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(Payment).where(Payment.id == payment.id).values(**values))


def test_a_declaration_is_kept_with_its_wording_and_time(money: Money) -> None:
    campaign = make_campaign()
    assert 'name="gift_aid"' in money.client.get(f"/campaigns/{campaign.slug}/donate").text
    donation = money.give(campaign, name="Mrs Ada House-Martin", **DECLARED)
    (declaration,) = money.rows(GiftAidDeclaration)
    assert declaration.donation_id == donation.id
    assert (declaration.title, declaration.first_name, declaration.last_name) == ("Mrs", "Ada", "House Martin")
    assert (declaration.house, declaration.postcode) == ("12 Example Street", "S19 2BD")
    assert "UK taxpayer" in gift_aid.WORDINGS[declaration.wording_version]
    assert declaration.declared_at == donation.created_at


def test_a_double_click_declares_once_and_no_tick_declares_nothing(money: Money) -> None:
    campaign = make_campaign()
    key = money.show_form(campaign)
    for _ in range(2):
        money.send(campaign, idempotency_key=key, **DECLARED)
    money.give(campaign, **(DECLARED | {"gift_aid": ""}))
    assert len(money.rows(GiftAidDeclaration)) == 1
    assert len(money.donations()) == 2


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("gift_aid_house", "", "first line of your home address"),
        ("gift_aid_postcode", "", "Enter your UK postcode"),
        ("gift_aid_postcode", "12345", "Enter your UK postcode"),
        ("gift_aid_house", "x" * 41, "40 characters"),
    ],
)
def test_what_the_tax_office_needs_is_asked_for_at_its_field(money: Money, field: str, typed: str, words: str) -> None:
    answer = money.send(make_campaign(), **(DECLARED | {field: typed}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert words in answer.text
    assert not money.donations()


def test_gifts_in_other_money_cannot_be_declared(money: Money) -> None:
    campaign = make_campaign(currency="EUR", donation_minimum_minor=200)
    assert 'name="gift_aid"' not in money.client.get(f"/campaigns/{campaign.slug}/donate").text
    money.give(campaign, currency="EUR", **DECLARED)
    assert money.rows(GiftAidDeclaration) == []


def test_a_claim_holds_exactly_the_claimable_gifts_of_the_month(app: Flask) -> None:
    campaign = make_campaign()
    # 31 March, 23:30 in London is in summer time: 22:30 UTC. Half an hour after midnight belongs to April.
    fine = [
        make_payment(campaign),
        make_payment(campaign, amount_minor=2050),
        make_payment(campaign, paid_at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC)),
        make_payment(campaign, paid_at=datetime(2026, 3, 1, 0, 0, tzinfo=UTC)),
    ]
    make_payment(campaign, declared=False)
    make_payment(campaign, currency="EUR")
    make_payment(campaign, refunded_minor=1)
    make_payment(campaign, disputed_minor=1000)
    make_payment(campaign, mismatched=True)
    make_payment(campaign, paid_at=datetime(2026, 3, 31, 23, 30, tzinfo=UTC))
    make_payment(campaign, paid_at=datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    faulty = make_payment(campaign, name="Олена Шевчук")
    revoked = make_payment(campaign)
    with transaction() as session:
        session.execute(
            update(GiftAidDeclaration)
            .where(GiftAidDeclaration.donation_id == revoked.donation_id)
            .values(cancelled_at=NOW)
        )
    made = claim()
    assert claimed_payments() == sorted(payment.id for payment in fine)
    assert (made.line_count, made.amount_minor, made.overclaimed_minor) == (4, 5050, 0)
    lines = gift_aid.lines_of_file(db.session(), made, 1)
    assert sorted((line.given_on, line.amount_minor) for line in lines) == [
        (date(2026, 3, 1), 1000), (date(2026, 3, 12), 1000), (date(2026, 3, 12), 2050), (date(2026, 3, 31), 1000),
    ]  # fmt: skip
    waiting = gift_aid.list_claimable(db.session(), *MARCH, ZONE)
    assert [one.payment_id for one in waiting] == [faulty.id]


def test_a_mended_declaration_is_claimed_next_and_then_kept(app: Flask) -> None:
    payment = make_payment(make_campaign(), name="Олена Шевчук")
    with pytest.raises(NothingToClaim):
        claim()
    db.session.rollback()
    assert db.session.scalars(select(GiftAidClaim)).all() == []
    (waiting,) = gift_aid.list_claimable(db.session(), *MARCH, ZONE)
    fields = {"title": "", "first_name": "Olena", "last_name": "Shevchuk", "house": "12", "postcode": "s19 2bd"}
    public_id = waiting.declaration.public_id
    with transaction() as session:
        gift_aid.mend_declaration(session, public_id, **fields, actor="admin", now=NOW)
    claim()
    assert claimed_payments() == [payment.id]
    with pytest.raises(AlreadyClaimed), transaction() as session:
        gift_aid.mend_declaration(session, public_id, **fields, actor="admin", now=NOW)


def test_two_admins_at_once_claim_each_gift_once(app: Flask) -> None:
    campaign = make_campaign()
    payments = [make_payment(campaign) for _ in range(5)]
    start = threading.Barrier(4)

    def press() -> int:
        with app.app_context():
            start.wait()
            try:
                return claim().line_count
            except NothingToClaim:
                return 0

    with ThreadPoolExecutor(4) as pool:
        done = [future.result() for future in [pool.submit(press) for _ in range(4)]]
    assert sorted(done) == [0, 0, 0, 5]
    assert claimed_payments() == sorted(payment.id for payment in payments)


def test_what_goes_back_after_the_claim_is_reported_once(app: Flask) -> None:
    campaign = make_campaign()
    refunded, partly, lost, won, kept = (make_payment(campaign) for _ in range(5))
    claim()
    change(refunded, refunded_minor=1000)
    change(partly, refunded_minor=250)
    for payment, state in ((lost, DisputeState.LOST), (won, DisputeState.WON)):
        with transaction() as session:
            session.add(
                Dispute(
                    payment_id=payment.id, stripe_id=f"du_{payment.id}", state=state, amount_minor=1000,
                    reason="fraudulent", opened_at=NOW, state_changed_at=NOW,
                )
            )  # fmt: skip
    make_payment(campaign)
    second = claim()
    assert (second.line_count, second.overclaimed_minor) == (1, 250 + 63 + 250)  # a quarter of £22.50, half a penny up
    make_payment(campaign)
    assert claim().overclaimed_minor == 0
    change(partly, refunded_minor=1000)
    make_payment(campaign)
    assert claim().overclaimed_minor == 188
    assert kept.id in claimed_payments()
