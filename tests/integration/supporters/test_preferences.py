"""The page behind a mailed link: asked for without telling who gets our news, and what is chosen on it."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.tokens import Tokens
from campaign.mail.models import OutboxMessage
from campaign.settings import Settings
from campaign.supporters.models import Consent, Subscription, Supporter
from campaign.supporters.preferences import LINK_LIFE, preferences_token
from campaign.worker.mails import Postman
from tests.factories import make_campaign, reread
from tests.integration.supporters.conftest import make_supporter
from tests.smtp import Inbox


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


def own_page(settings: Settings, subscription: Subscription) -> str:
    supporter = db.session.get_one(Supporter, subscription.supporter_id)
    return f"/preferences/{preferences_token(Tokens(settings.secret_key), supporter)}"


def test_the_link_is_mailed_to_a_supporter_and_the_answer_tells_nothing(
    client: FlaskClient, postman: Postman, inbox: Inbox, campaign: Campaign
) -> None:
    make_supporter(campaign, "reader@example.org")
    answers = [client.post("/preferences", data={"email": to}) for to in ("reader@example.org", "nobody@example.org")]
    assert [(one.status_code, one.location) for one in answers] == [(303, "/preferences/check-your-inbox")] * 2
    assert postman.deliver() == 1
    (mail,) = inbox.messages
    assert mail["To"] == "reader@example.org"
    assert mail["List-Unsubscribe"] is None
    (link,) = re.findall(r"http://\S+/preferences/\S+", mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert campaign.title in client.get(urlsplit(link).path).text


def test_three_links_a_day_are_the_limit(client: FlaskClient, campaign: Campaign) -> None:
    make_supporter(campaign, "reader@example.org")
    for _ in range(5):
        assert client.post("/preferences", data={"email": "reader@example.org"}).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 3


def test_what_is_unticked_ends_and_what_is_ticked_again_is_a_new_consent(
    client: FlaskClient, settings: Settings, campaign: Campaign
) -> None:
    other, never = make_campaign(), make_campaign()
    here, there = make_supporter(campaign, "r@example.org"), make_supporter(other, "r@example.org")
    stranger = make_supporter(campaign)
    page = own_page(settings, here)
    answer = client.post(page, data={"campaigns": [other.slug, never.slug], "language": "en"})
    assert answer.status_code == 200
    assert [reread(one).ended_at is None for one in (here, there, stranger)] == [False, True, True]
    client.post(page, data={"campaigns": [campaign.slug, other.slug]})
    assert reread(here).ended_at is None
    given = db.session.execute(
        select(Consent.campaign_id, Consent.channel).where(Consent.supporter_id == here.supporter_id)
    ).all()
    assert sorted(given) == sorted([(campaign.id, "signature"), (other.id, "signature"), (campaign.id, "preferences")])
    assert db.session.scalar(select(func.count()).where(Subscription.campaign_id == never.id)) == 0


def test_all_news_end_with_one_button(client: FlaskClient, settings: Settings, campaign: Campaign) -> None:
    other = make_campaign()
    both = [make_supporter(one, "r@example.org") for one in (campaign, other)]
    client.post(own_page(settings, both[0]), data={"campaigns": [campaign.slug], "stop": "yes"})
    assert all(reread(one).ended_at for one in both)


def test_a_language_that_the_site_lacks_is_not_taken(
    client: FlaskClient, settings: Settings, campaign: Campaign
) -> None:
    subscription = make_supporter(campaign)
    client.post(own_page(settings, subscription), data={"campaigns": campaign.slug, "language": "tlh"})
    assert reread(db.session.get_one(Supporter, subscription.supporter_id)).language == "en"


def test_an_old_link_asks_for_the_address_and_changes_nothing(
    client: FlaskClient, settings: Settings, campaign: Campaign
) -> None:
    subscription = make_supporter(campaign)
    page = own_page(settings, subscription)
    clock.set_offset(int((LINK_LIFE + timedelta(minutes=1)).total_seconds()))
    try:
        for answer in (client.get(page), client.post(page, data={"stop": "yes"})):
            assert answer.status_code == 410
            assert 'action="/preferences"' in answer.text
    finally:
        clock.set_offset(0)
    assert reread(subscription).ended_at is None


def test_the_link_of_somebody_forgotten_opens_nobodys_page(
    client: FlaskClient, settings: Settings, campaign: Campaign
) -> None:
    gone = make_supporter(campaign)
    page = own_page(settings, gone)
    with transaction() as session:
        session.query(Consent).filter_by(supporter_id=gone.supporter_id).delete()
        session.query(Subscription).filter_by(id=gone.id).delete()
        session.query(Supporter).filter_by(id=gone.supporter_id).delete()
        session.add(
            Supporter(
                id=gone.supporter_id, email="next@example.org", email_key="n", language="en", created_at=clock.now()
            )
        )
    assert client.get(page).status_code == 404
    assert client.post(page, data={"stop": "yes"}).status_code == 404
