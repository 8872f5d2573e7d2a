"""Signing by JSON: the form's rules, the same answer for everybody, and browsers only from hosts that may."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from campaign.campaigns.models import Campaign
from campaign.core.database import db
from campaign.mail.models import MailKind, OutboxMessage
from campaign.petitions.models import Signature, SignatureState
from tests.factories import make_campaign

PERSON = {"name": "Олена Шевчук", "email": "olena@example.org"}


def send(client: FlaskClient, campaign: Campaign, body: Any, **headers: str) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post(
        f"/api/v1/campaigns/{campaign.slug}/signatures",
        data=data,
        content_type=headers.pop("content_type", "application/json"),
        headers=headers,
    )
    db.session.rollback()
    return answer


def stored() -> list[Signature]:
    return list(db.session.scalars(select(Signature)))


def test_a_signature_is_taken_mailed_and_not_yet_counted(client: FlaskClient) -> None:
    campaign = make_campaign(country="GB")
    answer = send(
        client, campaign, PERSON | {"postcode": "s19 2bd", "comment": "Soon.", "updates": True, "source": "a-1"}
    )
    assert (answer.status_code, answer.json) == (202, {"status": "awaiting_confirmation"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    (signature,) = stored()
    assert (signature.name, signature.email, signature.state) == (*PERSON.values(), SignatureState.PENDING)
    assert (signature.country, signature.postcode, signature.comment, signature.source) == (
        "GB",
        "S19 2BD",
        "Soon.",
        "a-1",
    )
    assert (signature.wants_updates, signature.show_name, signature.honeypot) == (True, False, False)
    assert db.session.scalars(select(OutboxMessage.kind)).all() == [MailKind.CONFIRM_SIGNATURE]


def test_a_known_address_gets_the_same_answer(client: FlaskClient) -> None:
    campaign = make_campaign()
    first = send(client, campaign, PERSON)
    again = send(client, campaign, {"name": "Somebody Else", "email": "OLENA@example.org"})
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert [signature.name for signature in stored()] == [PERSON["name"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "olena@example.org"}, "name"),
        (PERSON | {"name": ["Olena"]}, "name"),
        (PERSON | {"name": "=cmd()"}, "name"),
        (PERSON | {"name": "a\r\nBcc: x@example.org"}, "name"),
        (PERSON | {"name": "Ol\x00ena"}, "name"),
        (PERSON | {"email": "olena"}, "email"),
        (PERSON | {"email": {"a": 1}}, "email"),
        (PERSON | {"country": "ZZ"}, "country"),
        (PERSON | {"updates": "yes"}, "updates"),
        (PERSON | {"show_name": 1}, "show_name"),
        (PERSON | {"comment": "x" * 1001}, "comment"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_kept(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    answer = send(client, make_campaign(), body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert list(answer.json["errors"]["json"]) == [field]
    assert all(words.endswith(".") for words in answer.json["errors"]["json"][field])
    assert stored() == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"name": "\\ud800", "email": "a@example.org"}', "application/json", 422),
        (b'{"name": "\xff", "email": "a@example.org"}', "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"name": "A B", "email": "a@example.org"}', "text/plain", 422),
        (b"name=A+B&email=a%40example.org", "application/x-www-form-urlencoded", 422),
        (b'{"name": "' + b"x" * 70_000 + b'"}', "application/json", 413),
    ],
)
def test_what_is_no_such_body_is_refused(client: FlaskClient, body: bytes, content_type: str, status: int) -> None:
    answer = send(client, make_campaign(), body, content_type=content_type)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert stored() == []


def test_a_page_of_an_allowed_host_may_sign_and_another_may_not(client: FlaskClient) -> None:
    campaign = make_campaign(embed_hosts="lantern.example\nnews.example")
    path = f"/api/v1/campaigns/{campaign.slug}/signatures"
    asked = client.options(path, headers={"Origin": "https://news.example", "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == "https://news.example"
    assert asked.headers["Access-Control-Allow-Methods"] == "POST"
    assert "Origin" in asked.headers["Vary"]
    answer = send(client, campaign, PERSON, Origin="https://news.example", **{"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (202, "https://news.example")
    bad = send(client, campaign, {}, Origin="https://news.example")
    assert (bad.status_code, bad.headers["Access-Control-Allow-Origin"]) == (422, "https://news.example")
    for origin in ("https://evil.example", "http://news.example", "https://news.example.evil.example", "null", ""):
        asked = client.options(path, headers={"Origin": origin})
        assert (asked.status_code, "Access-Control-Allow-Origin" in asked.headers) == (403, False), origin
        answer = send(client, campaign, {"name": "E Vil", "email": "evil@example.org"}, Origin=origin)
        assert (answer.status_code, "Access-Control-Allow-Origin" in answer.headers) == (403, False), origin
    assert len(stored()) == 1


def test_our_own_page_may_sign(client: FlaskClient) -> None:
    assert send(client, make_campaign(), PERSON, Origin="http://campaign.test").status_code == 202


@pytest.mark.parametrize(("state", "status"), [("draft", 404), ("closed", 410), ("withdrawn", 410)])
def test_only_an_open_campaign_takes_signatures(client: FlaskClient, state: str, status: int) -> None:
    campaign = make_campaign(state=state, **({"published_at": None} if state == "draft" else {}))
    assert send(client, campaign, PERSON).status_code == status
    assert stored() == []


def test_a_flood_of_one_network_is_turned_away_through_both_doors(client: FlaskClient) -> None:
    campaign = make_campaign()
    for number in range(30):
        form = PERSON | {"email": f"a{number}@example.org", "country": "GB"}
        assert client.post(f"/campaigns/{campaign.slug}/sign", data=form).status_code == 303
        assert send(client, campaign, PERSON | {"email": f"b{number}@example.org"}).status_code == 202
    answer = send(client, campaign, PERSON)
    assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert client.post(f"/campaigns/{campaign.slug}/sign", data=PERSON | {"country": "GB"}).status_code == 429


def test_the_description_tells_how_to_sign(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").json["paths"]
    told = paths["/api/v1/campaigns/{slug}/signatures"]["post"]
    assert set(told["responses"]) >= {"202", "422"}
