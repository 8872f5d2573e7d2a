"""The staff's list of donations: each filter and any of them together, page by page, and finding one by what names it."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.donations import listing, receipts
from campaign.donations.listing import Filters, find_by_reference, list_donations
from campaign.donations.models import (
    Dispute,
    DisputeState,
    Donation,
    DonationState,
    Frequency,
    MonthlyGift,
    MonthlyGiftState,
    Payment,
    Refund,
    RefundState,
)
from campaign.settings import Settings
from campaign.staff.models import Role
from tests.factories import NOW, make_campaign
from tests.integration.admin.conftest import SignIn, sign_in  # noqa: F401 - a fixture
from tests.integration.public.conftest import make_donation
from tests.statements import recorded

S = DonationState


def make_some(campaign: Campaign) -> list[Donation]:
    """Twelve gifts an hour apart: every second monthly, every third in euros, every fourth refunded."""
    return [
        make_donation(
            campaign,
            public_id=f"gift-{number}",
            form_key=f"k{campaign.id}-{number}",
            name=f"Donor {number}",
            frequency=Frequency.ONCE if number % 2 else Frequency.MONTHLY,
            currency="GBP" if number % 3 else "EUR",
            state=S.SUCCEEDED if number % 4 else S.REFUNDED,
            source="" if number % 6 else "evening-edition",
            email_key=f"{number % 5:032}",
            created_at=NOW + timedelta(hours=number),
        )
        for number in range(12)
    ]


def numbers(rows: Sequence[Donation]) -> list[int]:
    return [int(row.public_id.removeprefix("gift-")) for row in rows]


def walk(campaign: Campaign, filters: Filters, limit: int) -> list[int]:
    """All pages, one after the other."""
    found: list[int] = []
    after: int | None = None
    for _ in range(30):
        page = list_donations(db.session(), campaign.id, filters, after=after, limit=limit)
        found += numbers(page.items)
        after = page.next
        if after is None:
            return found
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("most_read", [2, 5_000])
@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(), lambda n: True),
        (Filters(state=S.REFUNDED), lambda n: n % 4 == 0),
        (Filters(frequency=Frequency.MONTHLY), lambda n: n % 2 == 0),
        (Filters(currency="EUR", frequency=Frequency.ONCE), lambda n: n % 3 == 0 and n % 2),
        (Filters(state=S.SUCCEEDED, currency="EUR", source="evening-edition"), lambda n: n % 6 == 0 and n % 4),
        (Filters(email_key=f"{3:032}", state=S.SUCCEEDED), lambda n: n % 5 == 3 and n % 4),
        (Filters(begun_from=NOW + timedelta(hours=4), begun_before=NOW + timedelta(hours=8)), lambda n: 4 <= n < 8),
        (Filters(frequency=Frequency.MONTHLY, state=S.SUCCEEDED, begun_before=NOW + timedelta(hours=8)),
         lambda n: n % 2 == 0 and n % 4 and n < 8),
        (Filters(currency="JPY", state=S.SUCCEEDED), lambda n: False),
    ],
)  # fmt: skip
def test_filters_and_pages(
    app: Flask, monkeypatch: pytest.MonkeyPatch, filters: Filters, kept: Any, most_read: int
) -> None:
    """Newest first, nothing twice and nothing left out, however little a page may read."""
    campaign, other = make_campaign(), make_campaign()
    make_some(campaign)
    make_donation(
        other, public_id="elsewhere", form_key="e", frequency=Frequency.MONTHLY, created_at=NOW + timedelta(hours=5)
    )
    monkeypatch.setattr(listing, "MOST_READ", most_read)
    assert walk(campaign, filters, 2) == [number for number in reversed(range(12)) if kept(number)]


def test_gifts_of_the_same_moment_stand_on_one_page_each(app: Flask) -> None:
    campaign = make_campaign()
    for number in range(5):
        make_donation(campaign, public_id=f"gift-{number}", form_key=str(number))
    assert walk(campaign, Filters(), 2) == [4, 3, 2, 1, 0]


def test_each_filter_is_looked_up_by_an_index(app: Flask) -> None:
    """No sort and no scan: the plans of the engine that shows them in words."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL scans so small a table, rightly")
    campaign = make_campaign()
    make_some(campaign)
    one_each = [
        Filters(), Filters(state=S.SUCCEEDED), Filters(frequency=Frequency.ONCE), Filters(currency="GBP"),
        Filters(source="evening-edition"), Filters(begun_from=NOW),
    ]  # fmt: skip
    for filters in one_each:
        with recorded() as sent:
            list_donations(db.session(), campaign.id, filters)
        plans = [one.plan() for one in sent if "donation" in one.sql]
        assert plans
        assert all("USING INDEX ix_donation_campaign_id_" in plan and "SCAN" not in plan for plan in plans), plans
        assert all("TEMP B-TREE" not in plan for plan in plans), plans


def make_paid(campaign: Campaign, settings: Settings) -> Donation:
    """A gift with a row of each kind that has an id at Stripe."""
    donation = make_donation(
        campaign, public_id="reference", email="ada@example.org", checkout_session="cs_test_1",
        email_key=address_key(settings.hash_key, "ada@example.org"),
    )  # fmt: skip
    with transaction() as session:
        gift = MonthlyGift(
            donation_id=donation.id, campaign_id=campaign.id, email_key=donation.email_key, subscription="sub_1",
            customer="cus_1", state=MonthlyGiftState.ACTIVE, amount_minor=1000, currency="GBP", started_at=NOW,
            state_changed_at=NOW,
        )  # fmt: skip
        payment = Payment(
            donation_id=donation.id, campaign_id=campaign.id, payment_intent="pi_1", charge="ch_1", invoice="in_1",
            balance_transaction="txn_1", amount_minor=1000, currency="GBP", paid_at=NOW,
        )  # fmt: skip
        session.add_all([gift, payment])
        session.flush()
        refund = {"state": RefundState.SUCCEEDED, "amount_minor": 100, "created_at": NOW, "available_at": NOW}
        session.add(Refund(payment_id=payment.id, stripe_id="re_1", state_changed_at=NOW, **refund))
        dispute = {"state": DisputeState.WON, "amount_minor": 100, "reason": "fraudulent", "opened_at": NOW}
        session.add(Dispute(payment_id=payment.id, stripe_id="du_1", state_changed_at=NOW, **dispute))
        receipts.issue(session, payment.id, now=NOW)
    return donation


def test_one_gift_is_found_by_whatever_names_it(app: Flask, settings: Settings) -> None:
    campaign, other = make_campaign(), make_campaign()
    donation = make_paid(campaign, settings)
    names = "reference cs_test_1 pi_1 ch_1 in_1 txn_1 sub_1 re_1 du_1 1".split()
    for name in names:
        found = find_by_reference(db.session(), campaign.id, name)
        assert (name, found and found.id) == (name, donation.id)
        assert find_by_reference(db.session(), other.id, name) is None, name
    for name in ("", "pi_", "pi_2", "2", "9" * 30, "re_%", "reference "):
        assert find_by_reference(db.session(), campaign.id, name) is None, name


def test_a_donor_is_found_and_the_address_stands_nowhere(sign_in: SignIn, settings: Settings) -> None:  # noqa: F811
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    donation = make_paid(campaign, settings)
    make_donation(campaign, name="Somebody Else", form_key="other", email="other@example.org")
    path = f"/admin/campaigns/{campaign.slug}/donations"

    def find(wanted: str) -> str:
        answer = browser.post(f"{path}/find", {"wanted": wanted}, token=browser.token("/admin/"))
        assert answer.status_code == 303
        return str(answer.headers["Location"])

    assert find(" ADA@example.org ") == f"{path}?donor=reference"
    page = browser.get(f"{path}?donor=reference").text
    assert (donation.name in page, "Somebody Else" in page) == (True, False)
    assert find("ch_1") == f"{path}/reference"
    assert find("") == path
    assert "Enter an email address" in browser.get(path).text
    assert find("nobody@example.org") == path
    assert "exactly that email address" in browser.get(path).text
    assert browser.get(f"{path}?donor=nothing").status_code == 404
    db.session.rollback()
    trail = [
        entry.details for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.action == "donations.viewed"))
    ]
    assert [entry.get("searched") for entry in trail] == [True, False, False]
    assert "ada@" not in str(trail)


def test_the_filters_stay_from_page_to_page(sign_in: SignIn) -> None:  # noqa: F811
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    for number in range(60):
        make_donation(campaign, public_id=f"gift-{number}", form_key=str(number), frequency=Frequency.MONTHLY)
    make_donation(campaign, public_id="once", form_key="once", name="Once Only")
    day = NOW.date()
    path = f"/admin/campaigns/{campaign.slug}/donations?frequency=monthly&from={day}&until={day}"
    page = browser.get(path).text
    assert page.count('<th scope="row">') == 50
    assert "Once Only" not in page
    on = re.search(r'href="([^"]+)" rel="next"', page)
    assert on
    assert browser.get(on[1].replace("&amp;", "&")).text.count('<th scope="row">') == 10
    assert browser.get(path.replace("monthly", "nonsense").replace(f"from={day}", "from=never")).status_code == 200
