"""Statistics from the rollups: days of a time zone, delays and their percentiles, what each source brought."""

import io
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from campaign.campaigns.models import Campaign
from campaign.core.database import db, transaction
from campaign.donations.models import Donation, DonationState, Payment
from campaign.petitions import tally
from campaign.petitions.models import Dimension, SignatureState
from campaign.reports.glance import campaign_glances
from campaign.reports.sources import campaign_sources, write_csv
from campaign.reports.statistics import (
    MOST_BARS,
    MOST_DAYS,
    Delays,
    Figures,
    campaign_delays,
    campaign_statistics,
    many_statistics,
    periods,
    together,
)
from tests.factories import NOW, make_campaign, make_signature
from tests.statements import recorded

LONDON, KOLKATA = ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")
ALL, SOURCE, COUNTRY = Dimension.ALL, Dimension.SOURCE, Dimension.COUNTRY


def fold() -> None:
    with transaction() as session:
        while tally.fold(session):
            pass
    db.session.rollback()


def give(campaign: Campaign, source: str, amount: int, currency: str = "GBP", **more: int | bool) -> None:
    with transaction() as session:
        donation = Donation(
            campaign_id=campaign.id, state=DonationState.SUCCEEDED, amount_minor=amount, currency=currency, name="Ada",
            email="ada@example.org", email_key="0" * 32, consent_version="1", language="en", source=source,
            form_key=f"k{source}{amount}{currency}", created_at=NOW, state_changed_at=NOW,
        )  # fmt: skip
        session.add(donation)
        session.flush()
        session.add(
            Payment(
                donation_id=donation.id,
                campaign_id=campaign.id,
                payment_intent=f"pi_{donation.id}",
                amount_minor=amount,
                currency=currency,
                paid_at=NOW,
                **more,
            )
        )


def test_days_are_those_of_the_zone_and_none_is_left_out(app: Flask) -> None:
    campaign = make_campaign()
    late = NOW.replace(hour=23, minute=10)
    for at in (late - timedelta(days=3), late, late):
        make_signature(campaign, created_at=at, confirmed_at=at)
    make_signature(make_campaign())
    fold()
    found = campaign_statistics(db.session(), campaign.id, ALL)
    assert {day: one.counted for day, one in found.series(LONDON).days.items()} == {
        date(2026, 3, 9): 1, date(2026, 3, 10): 0, date(2026, 3, 11): 0, date(2026, 3, 12): 2,
    }  # fmt: skip
    assert list(found.series(KOLKATA).days)[-1] == date(2026, 3, 13)
    assert found.total == Figures(sent=3, pressed=3, counted=3)
    since = many_statistics(db.session(), [campaign.id], ALL, SOURCE, since=NOW)[campaign.id]
    assert (len(since.hours), sum(one.sent for one in since.sources.values())) == (1, 3)


def test_a_day_long_ago_makes_no_long_series(app: Flask) -> None:
    campaign = make_campaign()
    long_ago, last_kept = NOW.replace(year=2000), NOW - timedelta(days=MOST_DAYS - 1)
    for at in (long_ago, last_kept - timedelta(days=1), last_kept, NOW):
        make_signature(campaign, created_at=at, confirmed_at=at)
    fold()
    found = campaign_statistics(db.session(), campaign.id, ALL).series(LONDON)
    assert (len(found.days), min(found.days), max(found.days)) == (MOST_DAYS, last_kept.date(), NOW.date())
    assert (found.earlier.counted, sum(one.counted for one in found.days.values())) == (2, 2)
    assert len(periods(found.days)) <= MOST_BARS


def test_figures_are_of_one_moment_and_add_up_to_the_count(app: Flask) -> None:
    campaign = make_campaign()
    for number, state in enumerate(SignatureState):
        make_signature(campaign, state=state, country="GB" if number % 2 else "PL", source=f"s{number}")
    fold()
    make_signature(campaign, country="UA")  # not folded yet
    with recorded() as sent:
        found = campaign_statistics(db.session(), campaign.id, ALL, SOURCE, COUNTRY)
    assert len([one for one in sent if "SELECT" in one.sql]) == 1
    count = tally.counts(db.session(), campaign.id)[SignatureState.CONFIRMED]
    for figures in (found.hours, found.countries, found.sources):
        assert sum(one.counted for one in figures.values()) == count == 2
    assert found.countries["UA"] == Figures(sent=1, pressed=1, counted=1)


def test_many_days_become_weeks_from_monday_on() -> None:
    days = {date(2026, 1, 1) + timedelta(days=number): Figures(sent=1) for number in range(130)}
    weeks = periods(days)
    assert [(one.first, one.last) for one in weeks[:2]] == [
        (date(2026, 1, 1), date(2026, 1, 4)), (date(2026, 1, 5), date(2026, 1, 11)),
    ]  # fmt: skip
    assert sum(one.figures.sent for one in weeks) == 130
    assert len(periods(dict(list(days.items())[:20]))) == 20


def test_delays_and_their_percentiles(app: Flask) -> None:
    campaign = make_campaign()
    for seconds in (4, 50, 55, 100, 10_000_000):
        make_signature(campaign, source="one", created_at=NOW, confirmed_at=NOW + timedelta(seconds=seconds))
    make_signature(campaign, state=SignatureState.PENDING, source="one")
    fold()
    delays = campaign_delays(db.session(), campaign.id)
    assert delays["one"].steps == {5: 1, 60: 2, 120: 1, 691_200: 1}
    assert delays["one"].percentile(0.5) == pytest.approx(45 + 15 * 0.75)
    assert delays["one"].percentile(1) == 691_200
    assert together([delays["one"], Delays({60: 2})]).steps[60] == 4
    assert Delays({}).percentile(0.5) is None


def test_each_source_with_what_it_brought(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    for source, number in (("one", 3), ("two", 1), ("", 2)):
        for _ in range(number):
            make_signature(campaign, source=source, created_at=NOW - timedelta(seconds=50))
    make_signature(campaign, source="two", state=SignatureState.PENDING)
    make_signature(other, source="one")
    give(campaign, "one", 1000)
    give(campaign, "one", 500, "EUR")
    give(campaign, "one", 700, refunded_minor=200)
    give(campaign, "money-only", 300)
    give(campaign, "money-only", 9_900, mismatched=True)
    give(other, "one", 5_000)
    fold()
    found = {source.name: source for source in campaign_sources(db.session(), campaign.id)}
    assert list(found) == ["one", "", "two", "money-only"]
    assert {(gifts.currency, gifts.amount_minor, gifts.gifts) for gifts in found["one"].given} == {
        ("GBP", 1500, 2), ("EUR", 500, 1),
    }  # fmt: skip
    assert found["two"].figures.rate == 0.5
    assert [gifts.amount_minor for gifts in found["money-only"].given] == [300]
    glance = campaign_glances(db.session(), [campaign.id], zone=LONDON, now=NOW)[campaign.id]
    assert [source.name for source in glance.sources] == ["one", "", "two"]
    assert (glance.today.counted, len(glance.days), glance.total.sent) == (6, 10, 7)


def _quoted(line: str) -> str:
    return ",".join(f'"{cell}"' for cell in line.split(","))


def test_the_file_runs_nothing_in_a_spreadsheet(app: Flask) -> None:
    campaign = make_campaign()
    make_signature(campaign, source="=1+1", created_at=NOW - timedelta(seconds=50))
    give(campaign, "=1+1", 1050)
    fold()
    text = io.StringIO()
    write_csv(campaign_sources(db.session(), campaign.id), text)
    assert text.getvalue().splitlines() == [
        _quoted(
            "source,forms_sent,links_pressed,confirm_rate,counted,held,removed,median_seconds,ninetieth_percentile_seconds,gifts,given_GBP"
        ),
        _quoted("'=1+1,1,1,1.0000,1,0,0,52,58,1,10.50"),
    ]
