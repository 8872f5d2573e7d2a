"""Leaving by the link in a mail: asked first in a browser, at once for a mail program, and whatever is sent again."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.tokens import Purpose, Tokens
from campaign.settings import Settings
from campaign.supporters.mailings import MailingFields, Words, add_mailing, count_leavers
from campaign.supporters.models import Consent, Mailing, Subscription, Supporter
from campaign.supporters.unsubscribing import unsubscribe_token
from tests.factories import make_campaign, reread
from tests.integration.supporters.conftest import make_supporter

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def make_mailing(campaign: Campaign, **more: Any) -> Mailing:
    texts = more.pop("texts", [Words(language="en", subject="News", body="All of it.")])
    with transaction() as session:
        return add_mailing(
            session, campaign.id, MailingFields(texts=texts, **more), actor="ed@lantern.example", now=clock.now()
        )


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


@pytest.fixture
def mailing(campaign: Campaign) -> Mailing:
    return make_mailing(campaign)


def path(settings: Settings, subscription: Subscription, mailing: Mailing) -> str:
    return f"/unsubscribe/{unsubscribe_token(Tokens(settings.secret_key), subscription.id, mailing.id)}"


def is_on_the_list(subscription: Subscription) -> bool:
    return reread(subscription).ended_at is None


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (FORM, {}),
        (PARTS, {}),
        (FORM, {"Origin": "https://mail.example"}),
        (FORM, {"Sec-Fetch-Site": "cross-site", "Origin": "null"}),
    ],
)
def test_one_click_leaves_whoever_sends_it(
    client: FlaskClient, settings: Settings, mailing: Mailing, headers: dict[str, str], kind: str
) -> None:
    campaign = db.session.get_one(Campaign, mailing.campaign_id)
    leaving, staying = make_supporter(campaign), make_supporter(campaign)
    for _ in range(2):
        answer = client.post(path(settings, leaving, mailing), data=ONE_CLICK, headers=headers, content_type=kind)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    assert not is_on_the_list(leaving)
    assert is_on_the_list(staying)
    assert count_leavers(db.session(), [mailing.id]) == {mailing.id: 1}


def test_a_scanner_that_opens_the_link_changes_nothing(
    client: FlaskClient, settings: Settings, campaign: Campaign, mailing: Mailing
) -> None:
    subscription = make_supporter(campaign)
    page = client.get(path(settings, subscription, mailing))
    assert page.status_code == 200
    assert 'method="post"' in page.text
    assert campaign.title in page.text
    assert is_on_the_list(subscription)


def test_only_this_campaigns_news_end_unless_all_are_to(
    client: FlaskClient, settings: Settings, campaign: Campaign, mailing: Mailing
) -> None:
    other = make_campaign()
    here, there = make_supporter(campaign, "two@example.org"), make_supporter(other, "two@example.org")
    client.post(path(settings, here, mailing), data=ONE_CLICK)
    assert [is_on_the_list(one) for one in (here, there)] == [False, True]
    client.post(path(settings, here, mailing), data={"all": "yes"})
    assert [is_on_the_list(one) for one in (here, there)] == [False, False]


def test_the_link_works_after_years_and_after_its_reader_was_forgotten(
    app: Flask, settings: Settings, client: FlaskClient, campaign: Campaign, mailing: Mailing
) -> None:
    subscription, stranger = make_supporter(campaign), make_supporter(campaign)
    link = path(settings, subscription, mailing)
    clock.set_offset(5 * 365 * 86_400)
    try:
        assert client.post(link).status_code == 200
        assert not is_on_the_list(subscription)
    finally:
        clock.set_offset(0)
    with transaction() as session:
        session.query(Consent).filter_by(supporter_id=subscription.supporter_id).delete()
        session.query(Subscription).filter_by(id=subscription.id).delete()
        session.query(Supporter).filter_by(id=subscription.supporter_id).delete()
    assert client.get(link).status_code == 200
    assert client.post(link, data={"all": "yes"}).status_code == 200
    assert is_on_the_list(stranger)


def test_the_number_of_a_forgotten_subscription_is_nobody_elses(
    client: FlaskClient, settings: Settings, campaign: Campaign, mailing: Mailing
) -> None:
    first = make_supporter(campaign)
    link = path(settings, first, mailing)
    with transaction() as session:  # the newest: SQLite by itself would give its number again
        session.query(Subscription).filter_by(id=first.id).delete()
    second = make_supporter(campaign)
    client.post(link, data=ONE_CLICK)
    assert is_on_the_list(second)


def test_another_links_token_does_not_unsubscribe(
    client: FlaskClient, settings: Settings, campaign: Campaign, mailing: Mailing
) -> None:
    subscription = make_supporter(campaign)
    token = Tokens(settings.secret_key).make(Purpose.PREFERENCES, subscription.id, mailing.id)
    good = path(settings, subscription, mailing)
    for wrong in (f"/unsubscribe/{token}", f"{good}x", good.replace("/unsubscribe/", "/unsubscribe/A")):
        assert client.post(wrong, data=ONE_CLICK).status_code == 404
    assert is_on_the_list(subscription)
