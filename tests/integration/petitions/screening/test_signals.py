"""Each signal: what shows it, what does not, and that a campaign may hold for it, mark it or leave it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.tokens import Purpose, Token, Tokens
from campaign.mail.models import MailKind, MailState, OutboxMessage
from campaign.mail.outbox import enqueue
from campaign.petitions import tally
from campaign.petitions.confirmation import disown
from campaign.petitions.models import ScreeningAction, Signal, Signature, SignatureSignal, SignatureState
from campaign.petitions.screening.rules import Numbers
from campaign.settings import Settings
from tests.factories import make_campaign, make_signature, reread
from tests.integration.petitions.screening.conftest import Press, change_rules, set_action, signals_of
from tests.statements import recorded

S = Signal
Pending = Callable[..., Signature]


@pytest.mark.parametrize(
    ("more", "signal"),
    [
        ({"honeypot": True}, S.HONEYPOT),
        ({"email": "x@sub.mailinator.com"}, S.THROWAWAY_DOMAIN),
        ({"name": "Mickey Mouse"}, S.NAME),
        ({"name": "Xxxxxx Yyyyyy"}, S.NAME),
        ({"comment": "Ring me on 07700 900 914"}, S.COMMENT_PHONE),
        ({"comment": "Write to me@example.org"}, S.COMMENT_ADDRESS),
        ({"comment": "https://spam.example"}, S.COMMENT_LINK),
        ({"comment": "What vermin."}, S.COMMENT_WORDS),
    ],
)
def test_a_signal_holds_marks_or_is_off_as_the_campaign_says(
    campaign: Campaign, pending: Pending, press: Press, more: dict[str, Any], signal: Signal
) -> None:
    first, second = {"name": "Ann Lee"} | more, {"name": "Ann Lee"} | more
    if "email" in more:
        second["email"] = "y@mailinator.com"
    assert press(pending(**({"email": "a@example.org"} | first))) == {signal: True}
    set_action(campaign, signal, ScreeningAction.MARK)
    assert press(pending(**({"email": "b@example.org"} | second))) == {signal: False}
    set_action(campaign, signal, ScreeningAction.OFF)
    assert (
        press(
            pending(
                **({"email": "c@example.org"} | second | ({"email": "z@mailinator.com"} if "email" in more else {}))
            )
        )
        == {}
    )


def test_an_ordinary_signature_shows_nothing(pending: Pending, press: Press) -> None:
    assert press(pending("ilona@example.org", name="Ілона Шевчук", comment="We drove 2,400 km in 36 hours.")) == {}


def test_words_are_those_of_the_pages_language_and_of_any(pending: Pending, press: Press) -> None:
    assert press(pending("a@example.org", name="Max Mustermann", language="de")) == {S.NAME: True}
    assert press(pending("b@example.org", name="Max Mustermann", language="en")) == {}
    assert press(pending("c@example.org", name="Test Test", language="de")) == {S.NAME: True}


def test_another_tag_is_the_same_mailbox_and_other_dots_only_with_the_same_name(pending: Pending, press: Press) -> None:
    assert press(pending("ann.lee@post.example", name="Ann Lee")) == {}
    assert press(pending("ann.lee+two@post.example", name="Bea Lee")) == {S.SAME_MAILBOX: True}
    assert press(pending("annlee@post.example", name="Ann Lee")) == {S.SAME_MAILBOX: True}
    assert press(pending("an.nlee@post.example", name="Anton Nlee")) == {}
    assert press(pending("ann.lee@other.example", name="Ann Lee")) == {}
    last = pending("ann.lee+4@post.example", name="Ann Lee")
    press(last)
    db.session.rollback()
    # The dots of one of the earlier ones differ, and its name too.
    assert db.session.get_one(SignatureSignal, (last.id, S.SAME_MAILBOX)).detail == {"earlier": 3}


def test_a_mailbox_that_never_confirmed_or_signed_something_else_is_no_earlier_one(
    campaign: Campaign, pending: Pending, press: Press, settings: Settings
) -> None:
    waiting = pending("ann+typo@post.example")
    elsewhere = make_signature(make_campaign(), email="ann+x@post.example", mailbox_key=waiting.mailbox_key)
    assert elsewhere.state is SignatureState.CONFIRMED
    assert press(pending("ann@post.example")) == {}
    assert press(waiting) == {S.SAME_MAILBOX: True}


def test_more_than_the_limit_from_one_network_is_held(
    campaign: Campaign, pending: Pending, press: Press, network: Any
) -> None:
    change_rules(campaign, numbers=Numbers(burst_limit=3, burst_minutes=5))
    now, here = clock.now(), network("192.0.2.7")
    crowd = [
        pending(f"{n}@example.org", network_hash=here, created_at=now + timedelta(seconds=40 * n)) for n in range(5)
    ]
    later = pending("later@example.org", network_hash=here, created_at=now + timedelta(minutes=7, seconds=50))
    other = pending("other@example.org", network_hash=network("198.51.100.7"), created_at=now)
    assert [press(row) for row in crowd] == [{}, {}, {}, {S.BURST: True}, {S.BURST: True}]
    assert press(later) == press(other) == {}
    details = db.session.scalars(select(SignatureSignal.detail).order_by(SignatureSignal.signature_id)).all()
    assert details == [{"count": 4, "minutes": 2}, {"count": 5, "minutes": 3}]


def send_mail(signature: Signature, *, ago: timedelta | None) -> None:
    """A confirmation mail that was sent so long ago, or is being handed over now."""
    with transaction() as session:
        enqueue(
            session,
            MailKind.CONFIRM_SIGNATURE,
            object_id=signature.id,
            recipient_key="k",
            language="en",
            now=clock.now(),
        )
        values: dict[str, Any] = {"attempts": 1}
        if ago is not None:
            values |= {"state": MailState.SENT, "sent_at": clock.now() - ago}
        session.flush()
        session.execute(update(OutboxMessage).where(OutboxMessage.object_id == signature.id).values(**values))


@pytest.mark.parametrize(
    ("ago", "elsewhere", "expected"),
    [
        (timedelta(seconds=4), True, {S.QUICK_CONFIRMATION: True}),
        (None, True, {S.QUICK_CONFIRMATION: True}),
        (timedelta(seconds=4), False, {}),
        (timedelta(seconds=12), True, {}),
    ],
)
def test_a_link_pressed_at_once_from_another_network_is_held(
    *, pending: Pending, press: Press, network: Any, ago: timedelta | None, elsewhere: bool, expected: Any
) -> None:
    signature = pending(network_hash=network("192.0.2.7"))
    send_mail(signature, ago=ago)
    assert press(signature, network("198.51.100.7" if elsewhere else "192.0.2.99")) == expected
    if expected:
        db.session.rollback()
        detail = db.session.get_one(SignatureSignal, (signature.id, S.QUICK_CONFIRMATION)).detail
        assert detail["seconds"] in ((4, 5) if ago else (0,))


def test_without_a_mail_or_a_network_nothing_is_said_about_haste(pending: Pending, press: Press, network: Any) -> None:
    assert press(pending("a@example.org", network_hash=network("192.0.2.7")), network("198.51.100.7")) == {}
    unknown = pending("b@example.org", network_hash=None)
    send_mail(unknown, ago=timedelta(0))
    assert press(unknown, network("198.51.100.7")) == {}


def test_the_browsers_network_is_compared_and_not_kept(
    app: Flask, client: FlaskClient, pending: Pending, network: Any, settings: Settings
) -> None:
    signature = pending(network_hash=network("192.0.2.7"))
    send_mail(signature, ago=timedelta(seconds=1))
    link = Tokens(settings.secret_key).make(Purpose.CONFIRM_SIGNATURE, signature.id, 1)
    answer = client.post(f"/confirm/{link}", data={"confirm": "yes"}, environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert answer.status_code == 303
    assert signals_of(signature) == {S.QUICK_CONFIRMATION: True}
    assert reread(signature).network_hash == network("192.0.2.7")


def test_what_was_noticed_while_it_waited_counts_when_the_link_is_pressed(
    campaign: Campaign, pending: Pending, press: Press
) -> None:
    held, marked = pending("a@example.org"), pending("b@example.org")
    with transaction() as session:
        for row, holds in ((held, True), (marked, False)):
            session.add(
                SignatureSignal(
                    signature_id=row.id, campaign_id=campaign.id, signal=S.COUNTRY_SURGE, holds=holds,
                    detail={"percent": 40, "usual": 2}, created_at=clock.now(),
                )
            )  # fmt: skip
    assert press(held) == {S.COUNTRY_SURGE: True}
    assert press(marked) == {S.COUNTRY_SURGE: False}


def test_who_says_it_was_not_them_leaves_no_signal_behind(campaign: Campaign, pending: Pending, press: Press) -> None:
    signature, other = pending("a+b@example.org", name="Test Test"), pending("b@example.org", name="Test Test")
    assert press(signature) == press(other) == {S.NAME: True}
    with transaction() as session:
        disown(session, Token(signature.id, 1), now=clock.now())
    row = reread(signature)
    assert (row.held_for, row.mailbox_key, row.network_hash) == (None, None, None)
    assert signals_of(signature) == {}
    assert signals_of(other) == {S.NAME: True}
    assert tally.counts(db.session(), campaign.id)[SignatureState.WITHDRAWN] == 1


def test_confirming_looks_few_things_up_and_each_by_an_index(
    campaign: Campaign, pending: Pending, press: Press, network: Any
) -> None:
    signature = pending("ann.lee@post.example", network_hash=network("192.0.2.7"))
    send_mail(signature, ago=timedelta(seconds=1))
    with recorded() as sent:
        press(signature, network("198.51.100.7"))
    reads = [one for one in sent if one.sql.startswith("SELECT") and "FROM signature" in one.sql.replace("\n", " ")]
    asked = [one for one in sent if one.sql.startswith("SELECT")]
    assert len(asked) < 15
    assert reads
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":  # it would rather read all of a few rows
        db.session.connection().exec_driver_sql("SET enable_seqscan = off")
    for one in asked:
        plan = one.plan()
        assert "SCAN signature" not in plan, plan
        assert "Seq Scan" not in plan, plan
