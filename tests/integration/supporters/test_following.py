"""A donor who ticked the box gets news once the link in the receipt was opened and its button pressed."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.core.links import Links
from campaign.core.tokens import Tokens
from campaign.donations import receipts
from campaign.donations.following import following_token
from campaign.donations.models import Donation, Payment
from campaign.settings import Settings
from campaign.supporters.models import Consent, Supporter
from campaign.worker.receipts import donation_receipt
from tests.factories import NOW, make_campaign
from tests.integration.public.conftest import make_donation


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


def give(campaign: Campaign, settings: Settings, **more: Any) -> Donation:
    key = address_key(settings.hash_key, "ada@example.org")
    return make_donation(campaign, **({"email_key": key, "wants_updates": True, "language": "uk"} | more))


def path(settings: Settings, donation: Donation) -> str:
    return f"/subscribe/{following_token(Tokens(settings.secret_key), donation)}"


def consents() -> list[tuple[str, str]]:
    db.session.rollback()
    rows = db.session.execute(select(Consent.channel, Consent.wording_version))
    return [(channel, version) for channel, version in rows]


def test_only_the_button_begins_the_news(client: FlaskClient, settings: Settings, campaign: Campaign) -> None:
    link = path(settings, give(campaign, settings))
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 422
    assert consents() == []
    answer = client.post(link, data={"subscribe": "yes"})
    assert answer.status_code == 200
    assert consents() == [("donation", "1")]
    assert db.session.scalars(select(Supporter.language)).all() == ["uk"]


@pytest.mark.parametrize("forgotten", [{"wants_updates": False}, {"email": ""}])
def test_nobody_else_can_begin_them(
    client: FlaskClient, settings: Settings, campaign: Campaign, forgotten: dict[str, Any]
) -> None:
    link = path(settings, give(campaign, settings, **forgotten))
    assert client.post(link, data={"subscribe": "yes"}).status_code == 404
    assert consents() == []


@pytest.mark.parametrize("wants", [True, False])
def test_the_receipt_carries_the_link_for_whoever_asked(campaign: Campaign, settings: Settings, wants: bool) -> None:
    donation = give(campaign, settings, wants_updates=wants)
    with transaction() as session:
        payment = Payment(
            donation_id=donation.id, campaign_id=campaign.id, payment_intent="pi_1", amount_minor=1000,
            currency="GBP", paid_at=NOW,
        )  # fmt: skip
        session.add(payment)
        session.flush()
        receipts.issue(session, payment.id, now=NOW)
    found = donation_receipt(db.session(), payment.id, Links("http://campaign.test"), Tokens(settings.secret_key))
    assert found is not None
    assert bool(found[1]["subscribe_url"]) is wants
