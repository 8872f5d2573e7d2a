"""Mail over real SMTP: what arrives, what is tried again, what is given up, and that nothing is sent twice."""

import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mail import Mail
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from campaign.campaigns.thresholds import set_thresholds
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail import delivery, transport
from campaign.mail.models import MailKind, MailState, OutboxMessage, Suppression
from campaign.mail.outbox import enqueue
from campaign.mail.transport import MailboxTransport, SmtpTransport
from campaign.petitions.models import Signature, SignatureState
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.worker.goals import watch_thresholds
from campaign.worker.mails import Postman
from tests.factories import make_campaign, make_signature
from tests.integration.admin.conftest import make_person
from tests.smtp import Inbox, smtp_server


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


def postman_for(app: Flask, settings: Settings, port: int) -> Postman:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    return Postman(settings, SmtpTransport(Mail(app)))


@pytest.fixture
def postman(app: Flask, settings: Settings, inbox: Inbox) -> Postman:
    return postman_for(app, settings, inbox.port)


def queue(signature: Signature, kind: MailKind = MailKind.CONFIRM_SIGNATURE, **more: Any) -> None:
    with transaction() as session:
        values = {"language": "en", "now": clock.now()} | more
        enqueue(session, kind, object_id=signature.id, recipient_key=signature.email_key, **values)


def pending(**more: Any) -> Signature:
    return make_signature(make_campaign(title="Open the door"), state=SignatureState.PENDING, **more)


def outbox() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def make_due() -> None:
    with transaction() as session:
        session.execute(update(OutboxMessage).values(available_at=clock.now()))


def test_the_mail_that_asks_to_confirm(postman: Postman, inbox: Inbox, client: FlaskClient) -> None:
    signature = pending(name="Олена Коваленко", email="Olena.K@example.org")
    queue(signature)
    assert postman.deliver() == 1
    [mail] = inbox.messages
    assert mail["To"] == "Olena.K@example.org"
    assert mail["Subject"] == "Confirm your signature: Open the door"
    assert "The Daily Lantern" in mail["From"]
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    [link] = re.findall(r"http://campaign\.test(/confirm/\S+)", text)
    assert html.count(f'href="http://campaign.test{link}"') == 2  # the button and the bare link
    for part in (text, html):
        assert "Олена" in part
        assert "Open the door" in part
        assert "1 Example Street" in part
        assert "<img" not in part
    assert client.post(link, data={"confirm": "yes"}).status_code == 303
    assert db.session.get_one(Signature, signature.id).state is SignatureState.CONFIRMED
    [row] = outbox()
    assert (row.state, row.error) == (MailState.SENT, "")
    assert row.sent_at is not None


def test_the_mail_about_a_number_that_was_reached(postman: Postman, inbox: Inbox, settings: Settings) -> None:
    campaign = make_campaign(title="Open the door", short_name="Welcome")
    make_person(Role.EDITOR, email="editor@lantern.example")
    with transaction() as session:
        set_thresholds(session, campaign.id, {1: "Ask for an <answer>"}, actor="test", now=clock.now())
    make_signature(campaign, name="Canary Name", email="canary@example.org")
    assert watch_thresholds(settings) == 1
    assert postman.deliver() == 1
    [mail] = inbox.messages
    assert (mail["To"], mail["Subject"]) == ("editor@lantern.example", "1 signature: Welcome")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "You noted for it: Ask for an <answer>" in text
    assert "Ask for an &lt;answer&gt;" in html
    assert "Canary" not in text + html


def test_the_outbox_and_the_database_hold_no_working_link(postman: Postman, inbox: Inbox) -> None:
    queue(pending())
    postman.deliver()
    [link] = set(re.findall(r"/confirm/(\S+)", inbox.messages[0].get_body(("plain",)).get_content()))  # type: ignore[union-attr]
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert not any(link in str(value) for value in row)


def test_an_address_that_signed_before_is_told_so(postman: Postman, inbox: Inbox) -> None:
    queue(make_signature(make_campaign(), email="a@example.org"), MailKind.ALREADY_SIGNED)
    postman.deliver()
    [mail] = inbox.messages
    assert "already" in mail["Subject"].lower()
    assert "/confirm/" not in mail.as_string()


def test_one_connection_takes_a_batch_and_the_urgent_goes_first(postman: Postman, inbox: Inbox) -> None:
    rows = [pending(email=f"p{number}@example.org") for number in range(30)]
    for row in rows:
        queue(row)
    with transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.object_id != rows[-1].id).values(priority=5))
    assert postman.deliver() == delivery.BATCH
    assert inbox.connections == 1
    assert inbox.messages[0]["To"] == "p29@example.org"
    assert postman.deliver() == 5
    assert postman.deliver() == 0
    assert len({mail["Message-ID"] for mail in inbox.messages}) == 30


def test_a_mail_waits_for_its_time(postman: Postman, inbox: Inbox) -> None:
    queue(pending(), available_at=clock.now() + timedelta(minutes=1))
    assert postman.deliver() == 0
    assert inbox.messages == []


def test_what_has_no_reason_any_more_is_dropped(postman: Postman, inbox: Inbox) -> None:
    queue(make_signature(make_campaign(), state=SignatureState.CONFIRMED))
    assert postman.deliver() == 1
    assert inbox.messages == []
    assert outbox()[0].state is MailState.DROPPED


def test_a_server_that_is_away_loses_nothing(app: Flask, settings: Settings) -> None:
    with smtp_server() as gone:
        port = gone.port
    postman = postman_for(app, settings, port)
    signature = pending(email="a@example.org")
    queue(signature)
    for _ in range(8):
        assert postman.deliver() == 0
    [row] = outbox()
    assert (row.state, row.attempts) == (MailState.QUEUED, 0)
    with smtp_server(port) as back:
        time.sleep(delivery.SERVER_AWAY_PAUSE.total_seconds())
        assert postman.deliver() == 1
        assert len(back.to("a@example.org")) == 1


def test_a_later_is_tried_later_with_the_same_message_id(postman: Postman, inbox: Inbox) -> None:
    inbox.answers["a@example.org"] = ["451 greylisted, a@example.org must wait"]
    queue(pending(email="a@example.org"))
    first = outbox()[0].message_id
    postman.deliver()
    [row] = outbox()
    assert (row.state, row.error) == (MailState.QUEUED, "451 greylisted, (address) must wait")
    assert row.available_at > clock.now() + timedelta(seconds=50)
    assert postman.deliver() == 0
    make_due()
    postman.deliver()
    [mail] = inbox.messages
    assert mail["Message-ID"] == f"<{first}@campaign.test>"


def test_a_no_for_good_stops_and_suppresses_the_address(postman: Postman, inbox: Inbox) -> None:
    inbox.answers["a@example.org"] = ["550 no such user"]
    signature = pending(email="a@example.org")
    queue(signature)
    queue(pending(email="b@example.org"))
    postman.deliver()
    assert [row.state for row in outbox()] == [MailState.FAILED, MailState.SENT]
    assert db.session.get(Suppression, signature.email_key) is not None
    queue(signature)
    postman.deliver()
    assert inbox.to("a@example.org") == []
    assert outbox()[2].state is MailState.DROPPED


def test_a_mail_that_cannot_be_built_is_set_aside(postman: Postman, inbox: Inbox) -> None:
    broken = pending(email="broken@example.org\r\nBcc: all@example.org")
    queue(broken)
    queue(pending(email="b@example.org"))
    assert postman.deliver() == 2
    assert [row.state for row in outbox()] == [MailState.FAILED, MailState.SENT]
    assert [mail["To"] for mail in inbox.messages] == ["b@example.org"]


def test_ten_workers_send_nothing_twice(app: Flask, postman: Postman, inbox: Inbox) -> None:
    campaign = make_campaign()
    for number in range(60):
        queue(make_signature(campaign, state=SignatureState.PENDING, email=f"p{number}@example.org"))

    def work(_: int) -> None:
        with app.app_context():
            while postman.deliver():
                pass

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(work, range(10)))
    assert sorted(mail["To"] for mail in inbox.messages) == sorted(f"p{number}@example.org" for number in range(60))


def test_mail_of_a_worker_that_died_is_sent_when_its_lease_ends(postman: Postman, inbox: Inbox) -> None:
    queue(pending())
    with transaction() as session:
        delivery.take(session, now=clock.now())  # and then the worker is killed
    assert postman.deliver() == 0
    clock.set_offset(int(delivery.LEASE.total_seconds()) + 1)
    try:
        assert postman.deliver() == 1
    finally:
        clock.set_offset(0)
    assert len(inbox.messages) == 1


def test_markup_in_a_name_or_title_stays_text(postman: Postman, inbox: Inbox) -> None:
    campaign = make_campaign(title="<b>Help</b> {{ 7*7 }} %(name)s")
    queue(make_signature(campaign, state=SignatureState.PENDING, name="<script>x</script>"))
    postman.deliver()
    html = inbox.messages[0].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script>" not in html
    assert "&lt;b&gt;Help&lt;/b&gt; {{ 7*7 }} %(name)s" in html
    assert inbox.messages[0]["Subject"].endswith("<b>Help</b> {{ 7*7 }} %(name)s")


def test_the_demo_keeps_its_mail_in_a_mailbox(app: Flask, settings: Settings, client: FlaskClient) -> None:
    app.config.pop("MAIL_SERVER", None)
    Mail(app)
    postman = Postman(settings, MailboxTransport(settings.mailbox))
    queue(pending(email="box@example.org"))
    assert postman.deliver() == 1
    listing = client.get("/sandbox/mailbox")
    [path] = re.findall(r'href="(/sandbox/mailbox/[^"]+)"', listing.text)
    assert "box@example.org" in listing.text
    page = client.get(path)
    assert "http://campaign.test/confirm/" in page.text
    assert "http://campaign.test/confirm/" in client.get(f"{path}/html").text
    assert client.get("/sandbox/mailbox/nothing").status_code == 404


def test_a_mail_at_which_the_server_hangs_up_holds_up_no_other(postman: Postman, inbox: Inbox) -> None:
    inbox.hang_up_at = "poison@example.org"
    for name in ("poison", "a", "b", "c"):
        queue(pending(email=f"{name}@example.org"))
    for _ in range(3):
        postman.deliver()
    assert sorted(mail["To"] for mail in inbox.messages) == ["a@example.org", "b@example.org", "c@example.org"]
    poisoned = outbox()[0]
    assert (poisoned.state, poisoned.attempts) == (MailState.QUEUED, 1)
    assert poisoned.available_at > clock.now() + timedelta(seconds=50)
    assert {row.attempts for row in outbox()[1:]} == {1}


def test_a_database_that_goes_away_while_a_mail_is_written_loses_none(
    postman: Postman, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(pending())

    def away(*_: Any) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(Postman, "_write", away)
        with pytest.raises(OperationalError):
            postman.deliver()
    assert outbox()[0].state is MailState.QUEUED
    make_due()
    assert postman.deliver() == 1


def test_an_international_domain_travels_as_punycode(postman: Postman, inbox: Inbox) -> None:
    queue(pending(email="olena@bücher.example"))
    postman.deliver()
    assert [mail["To"] for mail in inbox.messages] == ["olena@xn--bcher-kva.example"]


def test_a_campaign_that_closed_meanwhile_asks_nobody_to_confirm(postman: Postman, inbox: Inbox) -> None:
    campaign = make_campaign(closes_at=clock.now() - timedelta(minutes=1))
    queue(make_signature(campaign, state=SignatureState.PENDING))
    postman.deliver()
    assert inbox.messages == []
    assert outbox()[0].state is MailState.DROPPED


def test_a_worker_that_slept_past_its_lease_leaves_its_mails_to_the_next(postman: Postman, inbox: Inbox) -> None:
    queue(pending())
    with transaction() as session:
        [mine] = delivery.take(session, now=clock.now())
    later = clock.now() + delivery.LEASE
    with transaction() as session:
        [theirs] = delivery.take(session, now=later)
    with transaction() as session:
        delivery.release(session, [mine], now=clock.now())
        delivery.note_postponed(session, mine, "late news", now=clock.now())
        delivery.note_failed(session, mine, "late news")
        delivery.note_dropped(session, mine)
    [row] = outbox()
    assert (row.state, row.attempts, row.error) == (MailState.QUEUED, 2, "")
    assert row.available_at == later + delivery.LEASE
    with transaction() as session:
        delivery.note_sent(session, theirs, now=clock.now())
        delivery.note_failed(session, mine, "late news")
    assert outbox()[0].state is MailState.SENT


def test_a_server_that_thinks_about_a_text_is_waited_for(
    postman: Postman, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.thinks_for = 0.6
    monkeypatch.setattr(transport, "COMMAND_TIMEOUT", timedelta(seconds=0.2))
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(0.2)
    try:
        queue(pending(email="a@example.org"))
        postman.deliver()
    finally:
        socket.setdefaulttimeout(before)
    assert len(inbox.messages) == 1
    assert outbox()[0].state is MailState.SENT
