"""Charts of what was given: each payment in its day and currency, gross and left, and the same on the page as a table."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from flask import Flask

from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.donations.models import Payment
from campaign.reports.takings import campaign_takings
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import SignIn, sign_in  # noqa: F401 - a fixture
from tests.integration.public.conftest import make_donation

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
_known = {"settled_currency": "GBP"}


def pay(campaign: Campaign, key: str, at: datetime, amount_minor: int, source: str = "", **more: Any) -> None:
    donation = make_donation(campaign, public_id=key, form_key=key, source=source)
    values = {"currency": "GBP", "payment_intent": f"pi_{key}", "paid_at": at, "amount_minor": amount_minor}
    with transaction() as session:
        session.add(Payment(donation_id=donation.id, campaign_id=campaign.id, **(values | more)))


def make_some() -> Campaign:
    """Three days with gifts of ten, and what must not count."""
    campaign, other = make_campaign(), make_campaign()
    pay(campaign, "a", NOON, 1000, "evening-edition", fee_minor=35, net_minor=965, **_known)
    pay(
        campaign,
        "b",
        NOON - timedelta(days=9),
        2000,
        "evening-edition",
        fee_minor=50,
        net_minor=1950,
        refunded_minor=500,
        **_known,
    )
    pay(campaign, "c", NOON - timedelta(days=4), 3000)  # its fee is not known yet
    pay(
        campaign,
        "d",
        NOON,
        700,
        currency="EUR",
        settled_currency="GBP",
        fee_minor=40,
        net_minor=560,
        disputed_minor=700,
    )
    pay(campaign, "e", NOON, 9900, mismatched=True)
    pay(campaign, "f", NOON - timedelta(days=10), 8800)  # before the window
    pay(other, "g", NOON, 7700)
    return campaign


def test_each_payment_counts_in_its_day_and_currency(app: Flask) -> None:
    campaign = make_some()
    euros, pounds = campaign_takings(db.session(), campaign.id, days=10, zone=LONDON, now=NOON)
    assert (euros.currency, pounds.currency) == ("EUR", "GBP")
    assert [span.takings.given for span in pounds.spans] == [2000, 0, 0, 0, 0, 3000, 0, 0, 0, 1000]
    assert [pounds.left(span) for span in pounds.spans] == [1450, 0, 0, 0, 0, 3000, 0, 0, 0, 965]
    total = pounds.total
    assert (total.payments, total.given, total.back, total.unknown) == (3, 6000, 500, 1)
    assert (total.fees, total.left("GBP")) == ({"GBP": 85}, {"GBP": 5415})
    assert euros.total.left("EUR") == {"GBP": 560, "EUR": -700}
    brought = [(one.source, one.payments, one.given, one.back) for one in pounds.sources]
    assert brought == [("", 1, 3000, 0), ("evening-edition", 2, 3000, 500)]


def test_days_are_the_sites_and_long_windows_are_weeks(app: Flask) -> None:
    campaign = make_campaign()
    pay(campaign, "late", datetime(2026, 6, 14, 23, 30, tzinfo=UTC), 100)  # half past midnight in London
    (pounds,) = campaign_takings(db.session(), campaign.id, days=2, zone=LONDON, now=NOON)
    assert [span.takings.given for span in pounds.spans] == [0, 100]
    (pounds,) = campaign_takings(db.session(), campaign.id, days=365, zone=LONDON, now=NOON)
    assert len(pounds.spans) == 53
    assert (pounds.spans[-1].last, pounds.total.given) == (NOON.date(), 100)


def test_the_page_draws_what_its_table_says(sign_in: SignIn) -> None:  # noqa: F811
    with time_machine.travel(NOON):
        campaign, browser = make_some(), sign_in(Role.ADMIN)
        page = browser.get(f"/admin/campaigns/{campaign.slug}/donations/charts").text
        assert browser.get(f"/admin/campaigns/{campaign.slug}/donations/charts?days=99999").status_code == 200
    section = page[page.index('id="in-GBP"') :]
    whole, left = re.findall(r'<path(?: class="whole")? d="([^"]*)"', section)[:2]
    # A bar for each payment's own day: the 20th, 21st, 26th and 30th of thirty.
    assert re.findall(r"M(\d+) 100v-([\d.]+)", whole) == [
        ("191", "100.0"),
        ("201", "22.7"),
        ("251", "34.1"),
        ("291", "11.4"),
    ]
    assert re.findall(r"M(\d+) ", left) == ["191", "201", "251", "291"]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section))
    assert "15 June 1 £10 £0.35 £9.65" in text
    assert "£20 £5 £0.50 £14.50" in text
    assert "of 2 payments not known yet" in text
