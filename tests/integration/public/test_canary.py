"""A canary signs without wanting to be shown: its name and address come up nowhere that others can look."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mail import Mail
from sqlalchemy import select, update

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail.models import OutboxMessage
from campaign.mail.transport import SmtpTransport
from campaign.petitions.models import Signature, SignatureState
from campaign.settings import Settings
from campaign.worker.mails import Postman
from tests.factories import make_campaign, make_signature
from tests.integration.public.conftest import make_update
from tests.smtp import Inbox, smtp_server

FORM = {
    "name": "Kanarina Zwitscher", "email": "Kanarina@zwitscher.example", "country": "GB", "postcode": "ZW1 7SCH",
    "comment": "Zwitschernd unterschrieben", "updates": "1",
}  # fmt: skip
CANARY = re.compile(r"kanarina|zwitscher|zw1 7sch", re.IGNORECASE)
ADDRESS = FORM["email"]


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def postman(app: Flask, settings: Settings, inbox: Inbox) -> Postman:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
    return Postman(settings, SmtpTransport(Mail(app)))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that the program logs, down to the smallest; the mail server's own words are left out."""
    caplog.set_level(logging.CRITICAL, logger="mail.log")
    caplog.set_level(logging.DEBUG)
    return caplog


def deliver(postman: Postman) -> None:
    with transaction() as session:
        session.execute(update(OutboxMessage).values(available_at=clock.now()))
    postman.deliver()


class Reader:
    """Opens addresses and notes each answer, headers and all."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self.seen: list[str] = []
        self.addresses: list[str] = []

    def open(self, path: str, method: str = "GET", **more: Any) -> Any:
        answer = self._client.open(path, method=method, **more)
        self.addresses += [path, answer.headers.get("Location", "")]
        self.seen.append(f"{method} {path} {answer.status}\n{answer.headers}\n{answer.text}")
        return answer


def test_a_canary_signed_hidden_comes_up_nowhere(
    client: FlaskClient, postman: Postman, inbox: Inbox, log: pytest.LogCaptureFixture
) -> None:
    campaign = make_campaign()
    told = make_update(campaign)
    for _ in range(6):
        make_signature(campaign, show_name=True)
    reader, base = Reader(client), f"/campaigns/{campaign.slug}"
    reader.open(f"{base}/sign", "POST", data=FORM)
    inbox.answers[ADDRESS] = [f"451 <{ADDRESS}> greylisted", f"452 {ADDRESS} wait"]
    for _ in range(3):
        deliver(postman)
    [mail] = inbox.to(ADDRESS)
    [link] = re.findall(r"http://campaign\.test(/confirm/\S+)", mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    reader.addresses.append(link)
    reader.open(link, "POST", data={"confirm": "yes"})
    db.session.rollback()
    row = db.session.scalars(select(Signature).where(Signature.email == ADDRESS)).one()
    assert (row.state, row.show_name) == (SignatureState.CONFIRMED, False)
    reader.open(f"{base}/sign", "POST", data=FORM)  # again: "already signed"
    deliver(postman)
    assert len(inbox.to(ADDRESS)) == 2
    for path in (
        "/", base, f"{base}/sign", f"{base}/check-your-inbox", f"{base}/signed", f"{base}/money", f"{base}/donate", f"{base}/history",
        f"{base}/updates.atom", f"{base}/updates/{told.public_id}", "/sitemap.xml", "/robots.txt", "/how-we-count",
        "/api/v1/campaigns", f"/api/v1{base}", f"/api/v1{base}/updates", "/api/v1/openapi.json",
        "/nothing", f"{base}/nothing", "/api/v1/nothing", f"{link}x", "/confirm/nothing", "/readyz",
    ):  # fmt: skip
        reader.open(path)
    reader.open(base, "DELETE")
    reader.open(f"{base}/sign", "POST", data={"name": "Somebody Else"})
    found = [text for text in reader.seen if CANARY.search(text)]
    assert found == []
    assert len(reader.seen) > 25
    assert not [address for address in reader.addresses if CANARY.search(address)]
    assert log.records
    assert not CANARY.search(log.text)


def test_the_outbox_holds_no_address_even_where_a_server_quotes_it(
    client: FlaskClient, postman: Postman, inbox: Inbox, log: pytest.LogCaptureFixture
) -> None:
    campaign = make_campaign()
    client.post(f"/campaigns/{campaign.slug}/sign", data=FORM)
    inbox.answers[ADDRESS] = [f"550 no mailbox <{ADDRESS}> here"]
    deliver(postman)
    [row] = db.session.scalars(select(OutboxMessage))
    assert row.error == "550 no mailbox <(address)> here"
    assert not CANARY.search(log.text)


def test_a_failure_of_the_database_is_logged_without_what_was_typed(
    app: Flask, client: FlaskClient, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    campaign = make_campaign()
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.begin() as connection:
        if is_sqlite:
            connection.exec_driver_sql(
                "CREATE TRIGGER broken BEFORE INSERT ON signature BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        else:
            connection.exec_driver_sql(
                "CREATE FUNCTION broken() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$ LANGUAGE plpgsql"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER broken BEFORE INSERT ON signature FOR EACH ROW EXECUTE FUNCTION broken()"
            )
    try:
        answer = client.post(f"/campaigns/{campaign.slug}/sign", data=FORM)
    finally:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER broken" + ("" if is_sqlite else " ON signature"))
            if not is_sqlite:
                connection.exec_driver_sql("DROP FUNCTION broken()")
    assert answer.status_code == 500
    assert not CANARY.search(answer.text)
    assert "broken" in log.text
    assert not CANARY.search(log.text)
    assert client.post(f"/campaigns/{campaign.slug}/sign", data=FORM).status_code == 303
