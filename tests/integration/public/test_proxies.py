"""Whom the program believes about who asks: forwarded headers only from trusted proxies, the Host header never."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mail import Mail
from sqlalchemy import select, update

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.networks import network_hash
from campaign.mail.models import OutboxMessage
from campaign.mail.transport import SmtpTransport
from campaign.petitions.models import Signature
from campaign.settings import Settings
from campaign.worker.mails import Postman
from tests.factories import make_campaign
from tests.integration.public.conftest import Build, Pages
from tests.smtp import smtp_server

FORM = {"name": "Ada Lovelace", "email": "ada@example.org", "country": "GB"}
PEER = {"REMOTE_ADDR": "203.0.113.9"}
EVIL = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}


def sign(client: FlaskClient, slug: str, forwarded: str | None) -> int:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client.post(f"/campaigns/{slug}/sign", data=FORM, headers=headers, environ_base=PEER).status_code


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        (0, None, "203.0.113.9"),
        (0, "198.51.100.7", "203.0.113.9"),
        (1, None, "203.0.113.9"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "192.0.2.66, 198.51.100.7", "198.51.100.7"),  # what stands before the proxy's own word was typed by anybody
        (2, "192.0.2.66, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (1, "not an address", "unknown"),
    ],
)
def test_the_network_is_the_peers_unless_a_trusted_proxy_says_otherwise(
    build: Build, settings: Settings, proxies: int, forwarded: str | None, believed: str
) -> None:
    client = build(trusted_proxies=proxies).test_client()
    assert sign(client, make_campaign().slug, forwarded) == 303
    assert db.session.scalars(select(Signature.network_hash)).all() == [network_hash(settings.hash_key, believed)]
    assert network_hash(settings.hash_key, "203.0.113.9") != network_hash(settings.hash_key, "198.51.100.7")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "last"),
    [
        (0, lambda number: f"10.{number}.0.1", 429),  # a new claim each time, and none is believed
        (1, lambda number: f"10.{number}.0.1", 404),
        (1, lambda number: f"10.{number}.0.1, 198.51.100.7", 429),
    ],
)
def test_sixty_forms_a_minute_are_counted_by_the_network_that_is_believed(
    build: Build, proxies: int, forwarded: Callable[[int], str], last: int
) -> None:
    client = build(trusted_proxies=proxies).test_client()
    answers = [sign(client, "nothing", forwarded(number)) for number in range(61)]
    assert answers == [404] * 60 + [last]


def test_other_networks_go_on_signing(build: Build) -> None:
    client = build(trusted_proxies=1).test_client()
    for _ in range(61):
        last = sign(client, "nothing", "198.51.100.7")
    assert last == 429
    assert sign(client, "nothing", "198.51.100.250") == 429  # the same /24
    assert sign(client, "nothing", "198.51.101.7") == 404


@pytest.mark.parametrize("proxies", [0, 1])
def test_the_host_header_stands_in_no_page(build: Build, pages: Pages, proxies: int) -> None:
    client = build(trusted_proxies=proxies).test_client()
    for path in (*pages.shared, *pages.private, "/api/v1/campaigns", f"/api/v1/campaigns/{pages.campaign.slug}"):
        answer = client.get(path, headers=EVIL)
        assert "evil.example" not in answer.text + str(answer.headers), path
    page = client.get(pages.shared[1], headers=EVIL).text
    assert f'<link rel="canonical" href="http://campaign.test{pages.shared[1]}">' in page
    slash = client.get("//evil.example/campaigns", headers=EVIL)
    assert "evil.example" not in slash.headers.get("Location", "")


def test_the_mailed_link_is_on_our_own_address(app: Flask, client: FlaskClient, settings: Settings) -> None:
    slug = make_campaign().slug
    answer = client.post(f"/campaigns/{slug}/sign", data=FORM, headers=EVIL)
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{slug}/check-your-inbox")
    with transaction() as session:
        session.execute(update(OutboxMessage).values(available_at=clock.now()))
    with smtp_server() as inbox:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
        assert Postman(settings, SmtpTransport(Mail(app))).deliver() == 1
        [mail] = inbox.messages
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert {re.sub(r"(https?://[^/]+).*", r"\1", link) for link in re.findall(r"https?://\S+", text)} == {
        "http://campaign.test"
    }
    assert "evil.example" not in mail.as_string()
