"""Supporters as tests need them, a mail server that takes all, and a worker's jobs run by hand."""

from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask
from flask_mail import Mail

from campaign.campaigns.models import Campaign
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.mail.transport import SmtpTransport
from campaign.settings import Settings, current_settings
from campaign.supporters.models import Subscription, Supporter
from campaign.supporters.subscribing import subscribe
from campaign.worker.mails import Postman
from tests.factories import NOW
from tests.smtp import Inbox, smtp_server

_number = count(1)


def make_supporter(campaign: Campaign, email: str = "", *, language: str = "en") -> Subscription:
    """Somebody who asked for news of the campaign."""
    email = email or f"reader{next(_number)}@example.org"
    key = address_key(current_settings().hash_key, email)
    with transaction() as session:
        subscribe(
            session, campaign_id=campaign.id, email=email, email_key=key, language=language, wording_version="1",
            channel="signature", now=NOW,
        )  # fmt: skip
        return (
            session.query(Subscription)
            .join(Supporter, Supporter.id == Subscription.supporter_id)
            .filter(Supporter.email_key == key, Subscription.campaign_id == campaign.id)
            .one()
        )


def address_of(subscription: Subscription) -> str:
    return db.session.get_one(Supporter, subscription.supporter_id).email


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def postman(app: Flask, settings: Settings, inbox: Inbox) -> Postman:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
    return Postman(settings.model_copy(update={"mailings_per_minute": 100_000}), SmtpTransport(Mail(app)))
