"""Trends: what the last hour brought, held against what is usual for the same network, domain, country and article."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from campaign.campaigns.models import Campaign
from campaign.core.database import db
from campaign.petitions import trends
from campaign.petitions.trends import Origin, Trend, read_trends
from tests.factories import NOW, make_campaign, make_signature

LATELY = NOW - timedelta(minutes=10)


def send(campaign: Campaign, count: int, *, at: Any = LATELY, domain: str = "example.org", **more: Any) -> None:
    for number in range(count):
        moment = at - timedelta(seconds=number)
        email = f"{campaign.id}-{at:%d%H%M}-{number}@{domain}"
        make_signature(campaign, created_at=moment, email=email, **({"network_hash": "a" * 32} | more))


def read(campaign: Campaign) -> dict[Origin, dict[str, Trend]]:
    db.session.rollback()
    found = read_trends(db.session(), campaign.id, now=NOW)
    return {origin: {trend.value: trend for trend in rows} for origin, rows in found.by_origin.items()}


def test_what_is_new_and_comes_in_numbers_rises(app: Flask) -> None:
    campaign, other = make_campaign(), make_campaign()
    send(campaign, 12, domain="new.example", country="VA", source="an-article")
    send(campaign, 9, network_hash="b" * 32, domain="few.example", country="FR", source="another")
    send(other, 30, country="DE", network_hash="c" * 32)
    found = read(campaign)
    assert found[Origin.NETWORK] == {"a" * 32: Trend("a" * 32, 12, None)}
    assert found[Origin.DOMAIN] == {"new.example": Trend("new.example", 12, None)}
    assert found[Origin.COUNTRY] == {"VA": Trend("VA", 12, None)}
    assert found[Origin.SOURCE] == {"an-article": Trend("an-article", 12, None)}
    assert found[Origin.COUNTRY]["VA"].is_rising


def test_what_is_usual_does_not_rise(app: Flask) -> None:
    quiet, busy = make_campaign(), make_campaign()
    for hours in range(7, 1, -1):
        send(quiet, 28, at=NOW - timedelta(hours=hours), country="GB")
    for hours in range(40, 1, -1):
        send(busy, 28, at=NOW - timedelta(hours=hours), country="GB")
    for campaign in (quiet, busy):
        send(campaign, 12, country="GB")
    found = read(quiet)[Origin.COUNTRY]["GB"]
    assert (found.count, found.usual, found.is_rising) == (12, 6 * 28 / 168, True)
    found = read(busy)[Origin.COUNTRY]["GB"]
    assert found.usual == pytest.approx(28, rel=0.1)  # its newest 500 reach back some 18 hours
    assert not found.is_rising


def test_more_than_is_looked_at_shortens_the_window(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "MOST_NEWEST", 20)
    campaign = make_campaign()
    send(campaign, 30, country="VA")
    db.session.rollback()
    found = read_trends(db.session(), campaign.id, now=NOW)
    assert found.seen == 20
    assert found.since == LATELY - timedelta(seconds=19)
    (trend,) = found.by_origin[Origin.COUNTRY]
    assert (trend.count, trend.is_rising) == (20, True)


def test_erased_and_sourceless_forms_are_no_origin(app: Flask) -> None:
    campaign = make_campaign()
    send(campaign, 12, network_hash=None)
    found = read(campaign)
    assert (found[Origin.NETWORK], found[Origin.SOURCE]) == ({}, {})
