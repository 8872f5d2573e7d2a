"""Gifts in cash, by cheque and by bank transfer: entered once, corrected and voided openly, and part of what adds up."""

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.donations.models import Dispute, DisputeState, OfflineGift, OfflineMethod, Payment
from campaign.staff.models import Role
from tests.factories import NOW, make_campaign
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.public.conftest import make_donation

CASH = {
    "method": "cash", "amount": "1,250.50", "currency": "GBP", "given_on": "2026-03-12", "name": "Grace <Hopper>",
    "email": "grace@example.org", "note": "Choir at <St Mary’s>", "key": "once",
}  # fmt: skip


def send(browser: Browser, campaign: Campaign, path: str = "", **fields: Any) -> Any:
    address = f"/admin/campaigns/{campaign.slug}/offline{path}"
    answer = browser.post(address, fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def stored() -> list[OfflineGift]:
    db.session.rollback()
    return list(db.session.scalars(select(OfflineGift).order_by(OfflineGift.id)))


def entries(action: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def make_payment(campaign: Campaign, number: int, **more: Any) -> Payment:
    donation = make_donation(campaign, form_key=f"k{number}", email_key=f"{number}")
    values: dict[str, Any] = {
        "donation_id": donation.id, "campaign_id": campaign.id, "payment_intent": f"pi_{number}",
        "amount_minor": 10_000, "currency": "GBP", "settled_currency": "GBP", "fee_minor": 170, "net_minor": 9_830,
        "paid_at": NOW,
    }  # fmt: skip
    with transaction() as session:
        payment = Payment(**(values | more))
        session.add(payment)
    return payment


def test_a_gift_is_entered_once_and_counts_apart(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.ADMIN)
    for _ in range(2):
        assert send(browser, campaign, **CASH).status_code == 303
    (gift,) = stored()
    assert (gift.method, gift.amount_minor, gift.given_on) == (OfflineMethod.CASH, 125050, date(2026, 3, 12))
    assert "given in cash, by cheque or by bank transfer." in client.get(f"/campaigns/{campaign.slug}").text
    make_payment(campaign, 1)
    page = client.get(f"/campaigns/{campaign.slug}").text
    assert "£1,350.50" in page
    assert "£100 given here by 1 person, £1,250.50 in cash, by cheque or by bank transfer." in page
    assert "£1,350.50: £100 here from 1 person" in client.get(f"/campaigns/{campaign.slug}/money").text
    told = client.get(f"/api/v1/campaigns/{campaign.slug}").json
    assert told is not None
    assert told["donations"] == [{"currency": "GBP", "amount_minor": 135050, "goal_minor": None, "donors": 1}]
    assert "Nobody has given yet" in client.get(f"/campaigns/{other.slug}").text
    staff = browser.get(f"/admin/campaigns/{campaign.slug}/offline").text
    assert all(words in staff for words in ("Grace &lt;Hopper&gt;", "Choir at &lt;St Mary’s&gt;", "grace@example.org"))
    assert "Grace" not in page


def test_what_was_entered_is_in_the_trail_without_the_person(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    send(browser, campaign, **CASH)
    (entry,) = entries("offline_gift.entered")
    assert entry.details == {"method": "cash", "amount_minor": 125050, "currency": "GBP", "given_on": "2026-03-12"}
    assert entry.actor == "admin@lantern.example"
    seen = len(entries("offline_gifts.viewed"))
    browser.get(f"/admin/campaigns/{campaign.slug}/offline")
    assert len(entries("offline_gifts.viewed")) == seen + 1


def test_a_correction_needs_a_reason_and_leaves_what_was(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(other_currencies="EUR"), sign_in(Role.ADMIN)
    send(browser, campaign, **CASH)
    (gift,) = stored()
    fields = CASH | {"amount": "12.50", "currency": "EUR", "name": "Ada Byron", "was": "1"}
    path = f"/{gift.public_id}"
    assert send(browser, campaign, path, **fields, reason=" ").status_code == 422
    assert send(browser, campaign, path, **fields, reason="A slip of the pen.").status_code == 303
    (gift,) = stored()
    assert (gift.amount_minor, gift.currency, gift.name, gift.edition) == (1250, "EUR", "Ada Byron", 2)
    (entry,) = entries("offline_gift.corrected")
    assert entry.reason == "A slip of the pen."
    assert (entry.details["before"]["amount_minor"], entry.details["amount_minor"]) == (125050, 1250)
    assert entry.details["also_changed"] == ["name"]
    assert "Grace" not in str(entry.details)
    assert "€12.50" in client.get(f"/campaigns/{campaign.slug}/money").text
    late = send(browser, campaign, path, **fields, reason="Me too.")
    assert late.status_code == 409
    assert 'name="was" type="hidden" value="2"' in late.text
    assert len(entries("offline_gift.corrected")) == 1


def test_a_voided_gift_stays_with_its_reason_and_no_longer_counts(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    send(browser, campaign, **CASH)
    (gift,) = stored()
    path = f"/{gift.public_id}/void"
    assert send(browser, campaign, path, reason="").status_code == 422
    assert send(browser, campaign, path, reason="Bounced.").status_code == 303
    first = stored()[0].voided_at
    assert send(browser, campaign, path, reason="Again.").status_code == 303
    assert (stored()[0].voided_at, stored()[0].voided_reason) == (first, "Bounced.")
    assert len(entries("offline_gift.voided")) == 1
    assert "Bounced." in browser.get(f"/admin/campaigns/{campaign.slug}/offline").text
    assert "Nobody has given yet" in client.get(f"/campaigns/{campaign.slug}").text
    assert send(browser, campaign, f"/{gift.public_id}", **CASH, was="1", reason="Back.").status_code == 409
    assert stored()[0].edition == 1


def test_another_campaigns_gift_is_as_unknown_as_none(sign_in: SignIn) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.ADMIN)
    send(browser, other, **CASH)
    (gift,) = stored()
    for path in (f"/{gift.public_id}/void", "/nothing/void"):
        assert send(browser, campaign, path, reason="Mine").status_code == 404
    for path in (f"/{gift.public_id}", "/nothing"):
        assert send(browser, campaign, path, **CASH, was="1", reason="Mine").status_code == 404
    assert (stored()[0].voided_at, stored()[0].edition) == (None, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "card"}, {"amount": ""}, {"amount": "12,5"}, {"amount": "1e3"}, {"amount": "0"}, {"amount": "30,000,000"},
        {"currency": "EUR"}, {"given_on": ""}, {"given_on": "1926-03-12"}, {"given_on": "2999-01-01"},
        {"name": "x" * 101}, {"name": "a\r\nb"}, {"email": "nobody"}, {"note": "x" * 501},
    ],
)  # fmt: skip
def test_what_cannot_be_entered_is_said_at_its_field(sign_in: SignIn, change: dict[str, str]) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    answer = send(browser, campaign, **(CASH | change))
    assert answer.status_code == 422
    assert f'id="{next(iter(change))}-error"' in answer.text
    assert stored() == []


def test_given_kept_passed_on_and_held_add_up(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(other_currencies="EUR"), sign_in(Role.ADMIN)
    make_payment(campaign, 1)
    contested = make_payment(campaign, 2, disputed_minor=10_000)
    make_payment(campaign, 3, refunded_minor=4_000)
    make_payment(campaign, 4, mismatched=True)  # neither it nor its fee counts
    make_payment(campaign, 5, currency="EUR", fee_minor=230)  # exchanged by Stripe, which took its fee in pounds
    make_payment(make_campaign(), 6)
    with transaction() as session:
        session.add(
            Dispute(
                payment_id=contested.id,
                stripe_id="du_1",
                state=DisputeState.LOST,
                amount_minor=10_000,
                fee_minor=2_000,
                reason="fraudulent",
                opened_at=NOW,
                state_changed_at=NOW,
            )
        )
    send(browser, campaign, **(CASH | {"amount": "40"}))
    paid = {"receiver": "Hope Trust", "amount": "50", "paid_on": "2026-03-12", "key": "paid"}
    browser.post(f"/admin/campaigns/{campaign.slug}/spending/payouts", paid, token=browser.token("/admin/"))
    # 100 + 60 here, 40 in cash; less 3 × 1.70 + 2.30 and 20 for the dispute, less 50: 122.60
    for path in (f"/admin/campaigns/{campaign.slug}/spending", f"/campaigns/{campaign.slug}/money"):
        page = browser.get(path).text
        table = page[page.index("How the money adds up, in GBP") : page.index("How the money adds up, in EUR")]
        sums = [part.partition("<")[0] for part in table.replace("<b>", "").split('<td class="num">')[1:]]
        assert sums == ["£160", "£40", "-£27.40", "-£50", "£122.60"], path
        assert "€100" in page[page.index("How the money adds up, in EUR") :]


def test_a_fundraiser_elsewhere_is_told_with_its_day_and_counted_nowhere(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = (
        make_campaign(
            fundraiser_url="https://fundraiser.example/a", fundraiser_label="Our <appeal>", fundraiser_as_of=NOW,
            fundraiser_amount_minor=38_450_00,
        ),
        sign_in(Role.ADMIN),
    )  # fmt: skip
    send(browser, campaign, **CASH)
    for path in (f"/campaigns/{campaign.slug}", f"/campaigns/{campaign.slug}/money"):
        page = client.get(path).text
        assert (
            '<a href="https://fundraiser.example/a" rel="noopener external">Our &lt;appeal&gt;</a> (another site)'
            in page
        )
        assert "£38,450 given there, as of 12 March 2026." in page
        assert "£1,250.50" in page
        assert "£39,700.50" not in page
    told = client.get(f"/api/v1/campaigns/{campaign.slug}").json
    assert told is not None
    assert told["donations"][0]["amount_minor"] == 125050
