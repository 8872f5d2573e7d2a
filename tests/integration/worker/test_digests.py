"""What the staff is told by mail: once a day each, nothing where nothing waits, and nobody's data."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask_mail import Mail
from sqlalchemy import delete, select, update

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail.models import MailKind, MailNotice, MailState, NoticeKind, OutboxMessage
from campaign.mail.transport import SmtpTransport
from campaign.petitions.models import CommentState, Signal, SignatureState
from campaign.settings import Settings
from campaign.staff.models import Role, StaffNotice, StaffUser
from campaign.staff.people import create_person
from campaign.worker.digests import send_digests, warn_staff
from campaign.worker.mails import Postman
from tests.factories import make_campaign, make_signature
from tests.smtp import Inbox, smtp_server

PASSWORD = "four unrelated words here"
SUMMER = "2027-07-01 "  # London is an hour ahead of UTC
CANARY = "Wilhelmina Canary"


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def postman(app: Flask, settings: Settings, inbox: Inbox) -> Postman:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=inbox.port)
    return Postman(settings, SmtpTransport(Mail(app)))


def at(hour: str) -> Any:
    return time_machine.travel(datetime.fromisoformat(f"{SUMMER}{hour}+00:00"), tick=False)


def make_person(email: str, role: Role, campaign_id: int | None = None) -> StaffUser:
    with transaction() as session:
        return create_person(
            session, email=email, password=PASSWORD, role=role, actor="test", campaign_id=campaign_id,
            now=datetime.fromisoformat(f"{SUMMER}00:00+00:00"),
        )  # fmt: skip


def held(campaign: Any, number: int) -> None:
    for _ in range(number):
        make_signature(campaign, name=CANARY, state=SignatureState.HELD, held_for=Signal.NAME, comment=f"{CANARY} says")


def run(job: Any, settings: Settings) -> int:
    db.session.rollback()
    done: int = job(settings)
    db.session.rollback()
    return done


def test_each_is_told_once_a_day_of_what_they_may_do_something_about(
    postman: Postman, inbox: Inbox, settings: Settings
) -> None:
    here, there = make_campaign(short_name="Welcome"), make_campaign(short_name="Library")
    with at("06:00"):
        make_person("boss@lantern.example", Role.ADMIN)
        make_person("one@lantern.example", Role.MODERATOR, here.id)
        make_person("other@lantern.example", Role.MODERATOR, there.id)
        make_person("writer@lantern.example", Role.EDITOR)
        held(here, 3)
        make_signature(here, comment=f"{CANARY} says", comment_state=CommentState.AWAITING)
    with at("06:59"):  # 7:59 in London
        assert run(send_digests, settings) == 0
    with at("07:00"):
        assert run(send_digests, settings) == 2
        assert run(send_digests, settings) == 0
        postman.deliver()
        make_signature(there, state=SignatureState.HELD, held_for=Signal.NAME)
        db.session.rollback()
    with at("12:00"):  # nothing waited for the other moderator this morning; what came since is for tomorrow
        assert run(send_digests, settings) == 0
    assert {message["To"] for message in inbox.messages} == {"boss@lantern.example", "one@lantern.example"}
    for message in inbox.messages:
        assert message["Subject"] == "4 things wait for you"
        for part in ("plain", "html"):
            text = message.get_body((part,)).get_content()
            assert "3 signatures need a person" in text
            assert "1 comment to read" in text
            assert "Welcome" in text
            assert "Library" not in text
        assert CANARY not in message.as_string()
        assert "example.org" not in message.as_string()
    with time_machine.travel(datetime.fromisoformat("2027-07-02 07:00+00:00"), tick=False):
        assert run(send_digests, settings) == 3


def test_what_was_settled_before_the_mail_went_is_not_told(postman: Postman, inbox: Inbox, settings: Settings) -> None:
    with at("06:00"):
        make_person("boss@lantern.example", Role.ADMIN)
        held(make_campaign(), 1)
    with at("07:30"):
        assert run(send_digests, settings) == 1
        with transaction() as session:
            session.execute(update(StaffUser).values(active=False))
        db.session.rollback()
        postman.deliver()
        assert inbox.messages == []
        with transaction() as session:
            assert session.scalars(select(OutboxMessage.state)).all() == [MailState.DROPPED]
            session.execute(delete(StaffNotice))
        assert run(send_digests, settings) == 0  # nor is anybody asked who may not sign in


def test_mail_trouble_is_for_admins_of_the_site(postman: Postman, inbox: Inbox, settings: Settings) -> None:
    campaign = make_campaign()
    with at("06:00"):
        make_person("boss@lantern.example", Role.ADMIN)
        make_person("local@lantern.example", Role.ADMIN, campaign.id)
        add_mails(2, state=MailState.FAILED, error="550 no")
    with at("08:00"):
        assert run(send_digests, settings) == 1
        postman.deliver()
    [message] = inbox.messages
    assert message["To"] == "boss@lantern.example"
    assert "2 mails of the last week could not be delivered" in message.get_body(("plain",)).get_content()
    assert "http://campaign.test/admin/mail" in message.get_body(("plain",)).get_content()


def add_mails(number: int, **more: Any) -> None:
    now = clock.now()
    values: dict[str, Any] = {
        "kind": MailKind.GIVING_LINK, "object_id": 0, "recipient_key": "somebody", "language": "en", "priority": 0,
        "message_id": "m", "created_at": now, "available_at": now, "state": MailState.SENT,
    }  # fmt: skip
    with transaction() as session:
        session.add_all(OutboxMessage(**(values | more)) for _ in range(number))


def complain(*names: str) -> None:
    now = datetime.fromisoformat(f"{SUMMER}03:00+00:00")
    with transaction() as session:
        session.add_all(
            MailNotice(
                provider="ses", notice_key=name, kind=NoticeKind.COMPLAINT, recipient_key=name, happened_at=now,
                received_at=now,
            )
            for name in names
        )  # fmt: skip


def test_warnings_go_at_once_and_once_a_day(postman: Postman, inbox: Inbox, settings: Settings) -> None:
    campaign, calm = make_campaign(short_name="Welcome <b>"), make_campaign()
    with at("03:00"):
        make_person("boss@lantern.example", Role.ADMIN)
        make_person("one@lantern.example", Role.MODERATOR, campaign.id)
        make_person("other@lantern.example", Role.MODERATOR, calm.id)
        held(campaign, 49)
        held(calm, 1)
        complain("a", "b")
        add_mails(19, state=MailState.FAILED)
        add_mails(1, sent_at=datetime.fromisoformat(f"{SUMMER}03:00+00:00"))
        assert run(warn_staff, settings) == 0
        held(campaign, 1)
        add_mails(1, state=MailState.FAILED)
        complain("c")
        assert run(warn_staff, settings) == 4
        assert run(warn_staff, settings) == 0
        postman.deliver()
    told = sorted((message["To"].partition("@")[0], message["Subject"]) for message in inbox.messages)
    assert told == [
        ("boss", "50 signatures are held: Welcome <b>"),
        ("boss", "Many mails are being refused"),
        ("boss", "People complain of our mail"),
        ("one", "50 signatures are held: Welcome <b>"),
    ]
    for message in inbox.messages:
        assert CANARY not in message.as_string()
        assert "Welcome <b>" not in message.get_body(("html",)).get_content()
    with at("22:59"):
        assert run(warn_staff, settings) == 0
    with at("23:01"):  # the next day in London
        assert run(warn_staff, settings) == 4


def test_a_warning_that_is_over_does_not_go(postman: Postman, inbox: Inbox, settings: Settings) -> None:
    with at("03:00"):
        make_person("boss@lantern.example", Role.ADMIN)
        add_mails(20, state=MailState.QUEUED, attempts=1, created_at=datetime.fromisoformat(f"{SUMMER}02:00+00:00"),
                  available_at=datetime.fromisoformat(f"{SUMMER}04:00+00:00"))  # fmt: skip
        assert run(warn_staff, settings) == 1
        with transaction() as session:
            session.execute(update(OutboxMessage).where(OutboxMessage.attempts == 1).values(state=MailState.DROPPED))
        db.session.rollback()
        postman.deliver()
    assert inbox.messages == []


def test_workers_at_once_tell_once(settings: Settings, app: Flask) -> None:
    with at("07:00"):
        make_person("boss@lantern.example", Role.ADMIN)
        held(make_campaign(), 1)
        db.session.rollback()
        ready, done = threading.Barrier(4), []

        def work() -> None:
            with app.app_context():
                ready.wait()
                done.append(send_digests(settings))

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert sorted(done) == [0, 0, 0, 1]
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1


def test_old_notes_are_forgotten(settings: Settings, app: Flask) -> None:
    with at("07:00"):
        person = make_person("boss@lantern.example", Role.ADMIN)
        held(make_campaign(), 1)
        with transaction() as session:
            old = datetime.fromisoformat(f"{SUMMER}07:00+00:00") - timedelta(days=31)
            session.add(StaffNotice(staff_user_id=person.id, topic="digest", day=old.date(), created_at=old))
        assert run(send_digests, settings) == 1
    assert [row.day.isoformat() for row in db.session.scalars(select(StaffNotice))] == ["2027-07-01"]
