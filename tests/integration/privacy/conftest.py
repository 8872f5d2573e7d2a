"""People with data of every kind, and the page behind the link that is mailed to them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.core.tokens import Tokens
from campaign.petitions import tally
from campaign.petitions.models import SignatureState
from campaign.privacy import access
from campaign.privacy.models import DataAccess
from campaign.settings import Settings


class OwnPage:
    """What the owner of a mailbox does behind the link, in one line each."""

    def __init__(self, client: FlaskClient, settings: Settings, email: str) -> None:
        self.client = client
        self.key = address_key(settings.hash_key, email)
        with transaction() as session:
            access.ask_link_by_key(session, self.key, language="en", now=clock.now())
        found = db.session.scalars(select(DataAccess).where(DataAccess.email_key == self.key)).one()
        self.path = f"/my-data/{access.access_token(Tokens(settings.secret_key), found)}"

    def get(self, what: str = "") -> TestResponse:
        return self.client.get(self.path + what)

    def do(self, what: str, **fields: Any) -> TestResponse:
        answer = self.client.post(f"{self.path}/{what}", data=fields)
        assert answer.status_code == 303, answer.text
        assert answer.location == self.path
        return answer

    def references(self) -> list[str]:
        return re.findall(r"<code>([2-9a-z]{16})</code>", self.get().text)


Open = Callable[[str], OwnPage]


@pytest.fixture
def open_page(client: FlaskClient, settings: Settings) -> Open:
    return lambda email: OwnPage(client, settings, email)


def count(campaign_id: int) -> int:
    """What readers are told."""
    db.session.rollback()
    return tally.counts(db.session(), campaign_id)[SignatureState.CONFIRMED]
