"""A signature belongs to the words that its signer was shown, and to what was said there about names."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from campaign.campaigns.models import Campaign, Demand
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.tokens import Purpose, Tokens
from campaign.petitions.models import Signature, SignatureState
from campaign.petitions.signing import SignatureForm, sign
from campaign.settings import Settings
from tests.factories import NOW, make_campaign, make_demand, make_signature

FORM = {"name": "Олена Коваленко", "email": "olena@example.org", "country": "GB", "comment": "My reason."}
HIDDEN = re.compile(r'<input[^>]*name="(demand|unnamed)"[^>]*value="([^"]*)"')
CHANGED = "The words of the demand have changed since you opened this page."


def opened(client: FlaskClient, campaign: Campaign, path: str = "/sign") -> dict[str, str]:
    """What a browser sends along from a form opened now, without the reader's doing."""
    return hidden(client.get(f"/campaigns/{campaign.slug}{path}").text)


def hidden(page: str) -> dict[str, str]:
    return dict(HIDDEN.findall(page))


def send(client: FlaskClient, campaign: Campaign, along: dict[str, str]) -> TestResponse:
    return client.post(f"/campaigns/{campaign.slug}/sign", data=FORM | along)


def versions() -> list[int]:
    """The version that each signature belongs to."""
    db.session.rollback()
    return list(db.session.scalars(select(Demand.version).join(Signature, Signature.demand_id == Demand.id)))


@pytest.mark.parametrize("path", ["", "/sign"])
def test_a_form_opened_beside_older_words_comes_back_with_the_new_ones(client: FlaskClient, path: str) -> None:
    campaign = make_campaign()
    along = opened(client, campaign, path)
    assert along["demand"] == "1"
    make_demand(campaign, "1. Something else **entirely**.")
    answer = send(client, campaign, along)
    assert (answer.status_code, versions()) == (422, [])
    assert CHANGED in answer.text
    assert "Something else <strong>entirely</strong>." in answer.text
    assert 'href="#demand"' in answer.text
    assert answer.text.count('id="demand"') == 1
    assert "My reason." in answer.text
    assert "Олена Коваленко" in answer.text
    assert send(client, campaign, hidden(answer.text)).status_code == 303
    assert versions() == [2]


def test_a_bad_field_and_older_words_are_told_at_once(client: FlaskClient) -> None:
    campaign = make_campaign()
    along = opened(client, campaign)
    make_demand(campaign)
    answer = send(client, campaign, along | {"email": "olena"})
    assert answer.status_code == 422
    assert CHANGED in answer.text
    assert "Enter an email address with an @" in answer.text


def test_a_known_address_learns_nothing_from_older_words(client: FlaskClient) -> None:
    campaign = make_campaign()
    along = opened(client, campaign)
    make_signature(campaign, email=FORM["email"])
    make_demand(campaign)
    assert send(client, campaign, along).status_code == 422


@pytest.mark.parametrize("along", [{}, {"demand": ""}, {"demand": "2"}])
def test_without_a_version_the_current_one_is_meant(client: FlaskClient, along: dict[str, str]) -> None:
    campaign = make_campaign()
    make_demand(campaign)
    assert send(client, campaign, along).status_code == 303
    assert versions() == [2]


def test_words_published_while_a_form_is_being_taken_are_not_the_ones_signed(app: Flask) -> None:
    campaign = make_campaign()
    make_demand(campaign)  # after the door looked which version is the current one
    form = SignatureForm(name="Olena", email="olena@example.org", country="GB", demand=1)
    with transaction() as session:
        sign(session, campaign, form, hash_key="x" * 32, network_hash="n", language="en", now=clock.now())
    assert versions() == [1]


@pytest.mark.parametrize("sent", ["3", "0", "-1", "01", "2.0", "²", "٢", "x", "9" * 5000])
def test_no_other_version_is_taken(client: FlaskClient, sent: str) -> None:
    campaign = make_campaign()
    make_demand(campaign)
    answer = send(client, campaign, {"demand": sent})
    assert (answer.status_code, versions()) == (422, [])
    assert CHANGED not in answer.text


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 202), ({"demand": None}, 202), ({"demand": 2}, 202),
        ({"demand": 1}, 422), ({"demand": 3}, 422), ({"demand": 0}, 422), ({"demand": -1}, 422), ({"demand": 10**400}, 422),
        ({"demand": "x"}, 422), ({"demand": [1]}, 422), ({"demand": True}, 422), ({"demand": 2.5}, 422),
    ],
)  # fmt: skip
def test_the_api_takes_the_version_that_was_shown(client: FlaskClient, more: dict[str, Any], status: int) -> None:
    campaign = make_campaign()
    make_demand(campaign)
    answer = client.post(f"/api/v1/campaigns/{campaign.slug}/signatures", json=FORM | more)
    assert answer.status_code == status
    assert versions() == ([2] if status == 202 else [])
    if status == 422:
        assert list(answer.json["errors"]["json"]) == ["demand"]
        assert (CHANGED in answer.json["errors"]["json"]["demand"][0]) == (
            more["demand"] == 1 and more["demand"] is not True
        )


def test_the_api_tells_of_the_version(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").json
    assert "demand" in described["components"]["schemas"]["SignatureRequest"]["properties"]


def test_the_mailed_link_shows_the_words_that_were_signed(client: FlaskClient, settings: Settings) -> None:
    campaign = make_campaign()
    signature = make_signature(campaign, state=SignatureState.PENDING)
    make_demand(campaign, "1. Something else.")
    link = f"/confirm/{Tokens(settings.secret_key).make(Purpose.CONFIRM_SIGNATURE, signature.id, 1)}"
    for page in (client.get(link).text, client.post(link).text):
        assert page.index("<strong>Do</strong> it.") < page.index("Confirm my signature</button>")
        assert "Something else." not in page


def test_a_form_that_promised_to_keep_names_is_not_taken_once_they_are_handed_over(client: FlaskClient) -> None:
    campaign = make_campaign(names_to_target=False)
    along = opened(client, campaign)
    hand_over_names(campaign, True)
    answer = send(client, campaign, along)
    assert (answer.status_code, versions()) == (422, [])
    assert "we have decided to hand names over" in answer.text
    assert 'href="#unnamed"' in answer.text
    assert answer.text.count('id="unnamed"') == 1
    assert "the names of those who signed, and no email addresses" in answer.text
    assert send(client, campaign, hidden(answer.text)).status_code == 303


def test_a_form_that_said_more_about_names_than_happens_is_taken(client: FlaskClient) -> None:
    campaign = make_campaign(names_to_target=True)
    along = opened(client, campaign)
    hand_over_names(campaign, False)
    assert send(client, campaign, along).status_code == 303


def hand_over_names(campaign: Campaign, handed_over: bool) -> None:
    with transaction() as session:
        found = session.get_one(Campaign, campaign.id)
        found.names_to_target, found.names_told_since = handed_over, NOW if handed_over else None
