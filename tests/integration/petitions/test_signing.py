"""Signing through the public form: what is stored, what is mailed, and what an observer may see."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail.models import MailKind, MailState, OutboxMessage
from campaign.petitions import tally
from campaign.petitions.models import Signature, SignatureState
from tests.factories import make_campaign, make_signature

FORM = {"name": "Олена Коваленко", "email": "Olena.K@example.org", "country": "GB"}


def sign(client: FlaskClient, slug: str, **more: Any) -> TestResponse:
    return client.post(f"/campaigns/{slug}/sign", data=FORM | more)


def signatures() -> list[Signature]:
    db.session.rollback()
    return list(db.session.scalars(select(Signature).order_by(Signature.id)))


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def mark_sent() -> None:
    with transaction() as session:
        for message in session.scalars(select(OutboxMessage)):
            message.state = MailState.SENT


def test_a_signature_is_stored_as_typed_and_waits_for_its_mail(client: FlaskClient) -> None:
    campaign = make_campaign()
    answer = sign(
        client, campaign.slug, postcode="sw1a  1aa", comment="Because.\r\nYes.", show_name="1", updates="on", source="front-page"
    )  # fmt: skip
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{campaign.slug}/check-your-inbox")
    assert "Set-Cookie" not in answer.headers
    [row] = signatures()
    assert (row.name, row.email, row.country) == ("Олена Коваленко", "Olena.K@example.org", "GB")
    assert (row.postcode, row.comment, row.source) == ("SW1A 1AA", "Because.\nYes.", "front-page")
    assert (row.state, row.show_name, row.wants_updates, row.language) == (SignatureState.PENDING, True, True, "en")
    assert row.network_hash is not None
    assert "127." not in row.network_hash
    [mail] = mails()
    assert (mail.kind, mail.object_id, mail.state) == (MailKind.CONFIRM_SIGNATURE, row.id, MailState.QUEUED)
    assert tally.counts(db.session(), campaign.id)[SignatureState.PENDING] == 1


def test_no_box_is_ticked_by_silence(client: FlaskClient) -> None:
    campaign = make_campaign()
    sign(client, campaign.slug, show_name="", updates="")
    assert [(row.show_name, row.wants_updates) for row in signatures()] == [(False, False)]


@pytest.mark.parametrize("before", [None, *SignatureState])
def test_an_observer_sees_the_same_whatever_was_before(client: FlaskClient, before: SignatureState | None) -> None:
    campaign = make_campaign()
    if before is not None:
        make_signature(campaign, email="olena.k@EXAMPLE.org", state=before)
    answer = sign(client, campaign.slug)
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{campaign.slug}/check-your-inbox")
    assert len(signatures()) == 1
    expected = {
        None: [MailKind.CONFIRM_SIGNATURE],
        SignatureState.PENDING: [MailKind.CONFIRM_SIGNATURE],
        SignatureState.WITHDRAWN: [],  # "this wasn't me": not written to again
    }.get(before, [MailKind.ALREADY_SIGNED])
    assert [mail.kind for mail in mails()] == expected


def test_a_stranger_cannot_change_a_pending_signature(client: FlaskClient) -> None:
    campaign = make_campaign()
    sign(client, campaign.slug)
    mark_sent()
    sign(client, campaign.slug, name="Somebody Else", show_name="1")
    [row] = signatures()
    assert (row.name, row.show_name) == ("Олена Коваленко", False)


def test_signing_again_while_pending_mails_again_three_times_a_day(client: FlaskClient) -> None:
    campaign = make_campaign()
    for _ in range(5):
        sign(client, campaign.slug)
        mark_sent()
    assert len(mails()) == 3


def test_a_fourth_petition_of_the_day_gets_its_mail_when_the_day_is_over(client: FlaskClient) -> None:
    for _ in range(8):
        sign(client, make_campaign().slug)
    days = [round((mail.available_at - clock.now()) / timedelta(days=1)) for mail in mails()]
    assert days == [0, 0, 0, 1, 1, 1, 2, 2]


def test_the_same_address_50_times_at_once_is_one_row_and_one_mail(app: Flask) -> None:
    campaign = make_campaign()

    def send(_: int) -> tuple[int, str | None]:
        answer = sign(app.test_client(), campaign.slug)
        return answer.status_code, answer.location

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert set(answers) == {(303, f"/campaigns/{campaign.slug}/check-your-inbox")}
    assert len(signatures()) == 1
    assert len(mails()) == 1
    assert tally.counts(db.session(), campaign.id)[SignatureState.PENDING] == 1


def test_more_than_a_network_could_type_is_turned_away_with_a_time(client: FlaskClient) -> None:
    campaign = make_campaign()
    answers = [sign(client, campaign.slug, email=f"p{number}@example.org") for number in range(61)]
    assert [answer.status_code for answer in answers] == [303] * 60 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
    assert "Try again in" in answers[-1].text
    assert "per 1 minute" not in answers[-1].text
    assert all("Retry-After" not in answer.headers for answer in answers[:-1])
    assert len(signatures()) == 60


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "Enter your name."),
        ("name", "see www.spam.example", "without links"),
        ("name", "=HYPERLINK(a)", "without links or signs"),
        ("name", "Anna\r\nBcc: x@example.org", "on one line"),
        ("name", "A" * 101, "100 characters"),
        ("email", "nobody", "Enter an email address"),
        ("email", "a@b.example\r\nBcc: x@example.org", "Enter an email address"),
        ("country", "ZZ", "Choose a country"),
        ("country", "", "Choose a country"),
        ("comment", "x" * 1001, "1000 characters"),
        ("postcode", "x" * 17, "16 characters"),
    ],
)
def test_a_bad_field_gives_the_form_back_with_what_was_typed(
    client: FlaskClient, field: str, typed: str, words: str
) -> None:
    campaign = make_campaign()
    answer = sign(client, campaign.slug, **{"postcode": "N1", field: typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert "<title>Error: " in answer.text
    assert "There is a problem" in answer.text
    kept = "Olena.K@example.org" if field != "email" else "Олена Коваленко"
    assert kept in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert signatures() == []


def test_the_form_says_sorry_where_a_campaign_is_closed_unknown_or_a_draft(client: FlaskClient) -> None:
    now = clock.now()
    assert sign(client, make_campaign(state="closed").slug).status_code == 410
    assert sign(client, make_campaign(closes_at=now - timedelta(seconds=1)).slug).status_code == 410
    assert sign(client, make_campaign(state="withdrawn").slug).status_code == 410
    assert sign(client, make_campaign(state="draft", published_at=None).slug).status_code == 404
    assert sign(client, make_campaign(opens_at=now + timedelta(days=1)).slug).status_code == 404
    assert sign(client, "no-such-campaign").status_code == 404
    assert signatures() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://campaign.test"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://campaign.test"}, 403),
    ],
)
def test_a_form_from_another_site_is_refused(client: FlaskClient, headers: dict[str, str], status: int) -> None:
    campaign = make_campaign()
    answer = client.post(f"/campaigns/{campaign.slug}/sign", data=FORM, headers=headers)
    assert answer.status_code == status
    assert len(signatures()) == (status == 303)


@pytest.mark.parametrize("make", [lambda: b"name=%00&email=a", lambda: b"name=%ff%fe", lambda: b"name=\xff"])
def test_broken_text_is_refused(client: FlaskClient, make: Callable[[], bytes]) -> None:
    campaign = make_campaign()
    answer = client.post(
        f"/campaigns/{campaign.slug}/sign", data=make(), content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400
    assert sign(client, campaign.slug).status_code == 303


def test_a_body_over_64_kb_and_a_chunked_one_are_refused(client: FlaskClient) -> None:
    campaign = make_campaign()
    assert sign(client, campaign.slug, comment="x" * 70_000).status_code == 413
    chunked = client.post(f"/campaigns/{campaign.slug}/sign", data=FORM, headers={"Transfer-Encoding": "chunked"})
    assert chunked.status_code == 411
    assert signatures() == []


def test_a_method_that_a_page_lacks_is_refused_and_nothing_overrides_it(client: FlaskClient) -> None:
    campaign = make_campaign()
    assert client.delete(f"/campaigns/{campaign.slug}/sign").status_code == 405
    assert client.put(f"/campaigns/{campaign.slug}", data=FORM).status_code == 405
    override = client.get(f"/campaigns/{campaign.slug}/sign", headers={"X-HTTP-Method-Override": "POST"})
    assert override.status_code == 200
    assert signatures() == []
