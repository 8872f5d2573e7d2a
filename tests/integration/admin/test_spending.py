"""Where the money goes: a budget, payouts booked once, taken back with a reason; what readers see adds up."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import AidDelivery, Campaign, DeliveryStage, Payout, Update, UpdateKind, UpdateState
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.staff.models import Role
from tests.factories import NOW, make_campaign
from tests.integration.admin.conftest import Browser, SignIn

PAID = {"receiver": "Hope Trust", "amount": "1,250.50", "paid_on": "2026-03-12", "key": "once"}


def send(browser: Browser, campaign: Campaign, what: str, fields: dict[str, Any]) -> Any:
    answer = browser.post(f"/admin/campaigns/{campaign.slug}/spending/{what}", fields, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def make_delivery(campaign: Campaign, state: UpdateState = UpdateState.PUBLISHED) -> str:
    with transaction() as session:
        told = Update(
            campaign_id=campaign.id, kind=UpdateKind.AID_DELIVERY, state=state, title="Second shipment",
            published_at=NOW, created_at=NOW, updated_at=NOW,
            delivery=AidDelivery(stage=DeliveryStage.SENT, currency="GBP"),
        )  # fmt: skip
        session.add(told)
    return told.public_id


def stored() -> list[Payout]:
    return list(db.session.scalars(select(Payout).order_by(Payout.id)).unique())


def public(browser: Browser, campaign: Campaign) -> str:
    return browser.get(f"/campaigns/{campaign.slug}/money").text


def test_a_payout_is_booked_once_and_shown_with_its_delivery(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    send(browser, campaign, "budget", {"lines": "Blankets: 2,500\nSatellite terminals: 12000.50"})
    fields = PAID | {"purpose": "Blankets", "delivery": make_delivery(campaign)}
    assert send(browser, campaign, "payouts", fields).status_code == 303
    assert send(browser, campaign, "payouts", fields).status_code == 303
    (paid,) = stored()
    assert (paid.amount_minor, paid.currency, paid.paid_on) == (125050, "GBP", date(2026, 3, 12))
    page = public(browser, campaign)
    for shown in (
        "-£1,250.50",
        "Passed on from other sources than gifts made here",
        "£2,500",
        "£12,000.50",
        "Hope Trust",
        "Second shipment",
    ):
        assert shown in page, shown
    actions = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.campaign_id == campaign.id).order_by(AuditEntry.id)
    ).all()
    assert actions == ["budget.changed", "payout.booked"]


def test_what_is_taken_back_no_longer_counts_and_stays_known(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    send(browser, campaign, "payouts", PAID)
    (paid,) = stored()
    path = f"payouts/{paid.public_id}/take-back"
    assert send(browser, campaign, path, {"reason": " "}).status_code == 422
    assert send(browser, campaign, path, {"reason": "Entered twice"}).status_code == 303
    first = stored()[0].taken_back_at
    assert send(browser, campaign, path, {"reason": "Again"}).status_code == 303
    assert (stored()[0].taken_back_at, stored()[0].taken_back_reason) == (first, "Entered twice")
    assert "Hope Trust" not in public(browser, campaign)
    staff = browser.get(f"/admin/campaigns/{campaign.slug}/spending").text
    assert "Entered twice" in staff
    assert "£1,250.50" in staff


def test_another_campaigns_payout_is_as_unknown_as_none(sign_in: SignIn) -> None:
    campaign, other, browser = make_campaign(), make_campaign(), sign_in(Role.ADMIN)
    send(browser, other, "payouts", PAID)
    (paid,) = stored()
    assert send(browser, campaign, f"payouts/{paid.public_id}/take-back", {"reason": "Mine"}).status_code == 404
    assert send(browser, campaign, "payouts/nothing/take-back", {"reason": "Mine"}).status_code == 404
    assert stored()[0].taken_back_at is None


@pytest.mark.parametrize(
    "change",
    [
        {"receiver": ""},
        {"receiver": "a\r\nb"},
        {"amount": ""},
        {"amount": "1e3"},
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "30,000,000"},
        {"paid_on": ""},
        {"paid_on": "12/03"},
        {"paid_on": "2999-01-01"},
        {"purpose": "Champagne"},
        {"delivery": "nothing"},
    ],
)
def test_what_cannot_be_booked_is_said_at_its_field(sign_in: SignIn, change: dict[str, str]) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    answer = send(browser, campaign, "payouts", PAID | change)
    assert answer.status_code == 422
    assert f'id="{next(iter(change))}-error"' in answer.text
    assert stored() == []


def test_a_delivery_that_is_not_told_cannot_be_paid_for(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for foreign in (make_delivery(campaign, UpdateState.DRAFT), make_delivery(make_campaign())):
        assert send(browser, campaign, "payouts", PAID | {"delivery": foreign}).status_code == 422
    assert stored() == []


@pytest.mark.parametrize("lines", ["Blankets", "Blankets:", ": 5", "Blankets: five", "A: 1\nA: 2", "A: 0"])
def test_a_budget_that_cannot_be_read_keeps_the_old_one(sign_in: SignIn, lines: str) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    assert send(browser, campaign, "budget", {"lines": "Wells: 7"}).status_code == 303
    answer = send(browser, campaign, "budget", {"lines": lines})
    assert answer.status_code == 422
    assert 'id="lines-error"' in answer.text
    assert "£7" in public(browser, campaign)


def test_a_budget_written_anew_keeps_what_was_paid(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    send(browser, campaign, "budget", {"lines": "Wells: 700"})
    today = clock.now().date().isoformat()
    send(browser, campaign, "payouts", PAID | {"purpose": "Wells", "amount": "50", "paid_on": today})
    send(browser, campaign, "budget", {"lines": "Wells: 900\nTents: 10"})
    page = public(browser, campaign)
    assert all(shown in page for shown in ("£900", "£50", "£10"))
    assert "£700" not in page
