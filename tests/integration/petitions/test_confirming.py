"""Confirming by the mailed link: only the button counts, once; a stranger's link is no link."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.tokens import Purpose, Tokens
from campaign.mail.models import OutboxMessage
from campaign.petitions import tally
from campaign.petitions.models import Signal, Signature, SignatureSignal, SignatureState
from campaign.petitions.transitions import Move, move
from campaign.settings import Settings
from campaign.supporters.models import Consent, Subscription, Supporter
from tests.factories import make_campaign, make_signature, reread

PENDING = SignatureState.PENDING


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


@pytest.fixture
def link(settings: Settings) -> Callable[[Signature], str]:
    """The path of the link that would be mailed now."""
    tokens = Tokens(settings.secret_key)
    return lambda row: f"/confirm/{tokens.make(Purpose.CONFIRM_SIGNATURE, row.id, row.token_version)}"


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """Moves the program's clock; put back afterwards."""
    yield lambda delta: clock.set_offset(int(delta.total_seconds()))
    clock.set_offset(0)


def confirmed(campaign: Campaign) -> int:
    db.session.rollback()
    return tally.counts(db.session(), campaign.id)[SignatureState.CONFIRMED]


def pending(campaign: Campaign, **more: Any) -> Signature:
    return make_signature(campaign, state=PENDING, **({"created_at": clock.now()} | more))


def press(client: FlaskClient, path: str) -> int:
    return client.post(path, data={"confirm": "yes"}).status_code


def test_looking_changes_nothing_and_pressing_counts_once(client: FlaskClient, campaign: Campaign, link: Any) -> None:
    signature = pending(campaign, name="Олена Коваленко")
    path = link(signature)
    for _ in range(3):
        assert "Олена Коваленко" in client.get(path).text
        assert client.head(path).status_code == 200
    assert (reread(signature).state, confirmed(campaign)) == (PENDING, 0)
    for _ in range(2):
        answer = client.post(path, data={"confirm": "yes"})
        assert (answer.status_code, answer.location) == (303, f"/campaigns/{campaign.slug}/signed")
        assert confirmed(campaign) == 1
    assert reread(signature).confirmed_at is not None


def test_the_page_is_nobodys_but_the_signers(client: FlaskClient, campaign: Campaign, link: Any) -> None:
    answer = client.get(link(pending(campaign)))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_press_without_the_forms_field_is_asked_again(client: FlaskClient, campaign: Campaign, link: Any) -> None:
    signature = pending(campaign)
    assert client.post(link(signature)).status_code == 422
    assert client.post(link(signature), data={"confirm": "no"}).status_code == 422
    assert reread(signature).state is PENDING


def test_the_same_link_50_times_at_once_counts_once(app: Flask, campaign: Campaign, link: Any) -> None:
    path = link(pending(campaign))
    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(lambda _: press(app.test_client(), path), range(50))) == {303}
    assert confirmed(campaign) == 1


def test_confirm_and_disown_at_once_leave_a_true_count(app: Flask, campaign: Campaign, link: Any) -> None:
    paths = [link(pending(campaign)) for _ in range(8)]

    def do(number: int) -> int:
        path = paths[number % 8]
        client = app.test_client()
        return press(client, path) if number % 3 else client.post(f"{path}/not-me").status_code

    with ThreadPoolExecutor(24) as pool:
        assert set(pool.map(do, range(48))) <= {200, 303, 404}
    db.session.rollback()
    rows = db.session.scalars(select(Signature).where(Signature.state == SignatureState.CONFIRMED)).all()
    assert confirmed(campaign) == len(rows)


@pytest.mark.parametrize(
    "path", ["/confirm/x", "/confirm/WzEsMV0.aaaaaa.bbbb", "/confirm/%F0%9F%98%80", "/confirm/" + "x" * 3000]
)
def test_an_unknown_link_is_a_page_with_a_way_on(client: FlaskClient, campaign: Campaign, path: str) -> None:
    for answer in (client.get(path), client.post(path, data={"confirm": "yes"}), client.post(f"{path}/not-me")):
        assert answer.status_code == 404
        assert 'href="/"' in answer.text


def test_a_link_of_another_purpose_or_version_confirms_nothing(
    client: FlaskClient, campaign: Campaign, settings: Settings
) -> None:
    signature = pending(campaign)
    tokens = Tokens(settings.secret_key)
    for token in (
        tokens.make(Purpose.UNSUBSCRIBE, signature.id, 1),
        tokens.make(Purpose.CONFIRM_SIGNATURE, signature.id, 2),
        tokens.make(Purpose.CONFIRM_SIGNATURE, signature.id + 1000, 1),
        Tokens(("another key",)).make(Purpose.CONFIRM_SIGNATURE, signature.id, 1),
    ):
        assert press(client, f"/confirm/{token}") == 404
    assert confirmed(campaign) == 0


def test_an_old_link_offers_a_new_one(client: FlaskClient, campaign: Campaign, link: Any, later: Any) -> None:
    signature = pending(campaign)
    path = link(signature)
    later(timedelta(days=7, minutes=1))
    answer = client.get(path)
    assert answer.status_code == 410
    assert f'action="{path}/resend"' in answer.text
    assert press(client, path) == 410
    assert confirmed(campaign) == 0
    assert client.post(f"{path}/resend").location == f"/campaigns/{campaign.slug}/check-your-inbox"
    [mail] = db.session.scalars(select(OutboxMessage))
    assert mail.object_id == signature.id
    assert press(client, link(signature)) == 303
    assert confirmed(campaign) == 1


def test_this_was_not_me_forgets_the_person(client: FlaskClient, campaign: Campaign, link: Any) -> None:
    signature = pending(campaign, name="Olena", comment="Mine", email="o@example.org", wants_updates=True)
    path = link(signature)
    assert press(client, path) == 303
    for _ in range(2):
        assert client.post(f"{path}/not-me").status_code == 200
    row = reread(signature)
    assert (row.state, row.name, row.name_folded, row.email, row.comment) == (
        SignatureState.WITHDRAWN,
        None,
        None,
        None,
        "",
    )
    assert row.network_hash is None
    assert confirmed(campaign) == 0
    assert db.session.scalar(select(Subscription.ended_at)) is not None
    assert client.get(path).status_code == 404
    answer = client.post(
        f"/campaigns/{campaign.slug}/sign", data={"name": "X Y", "email": "o@example.org", "country": "GB"}
    )
    assert answer.status_code == 303
    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_what_was_invalidated_and_then_disowned_cannot_be_restored(
    client: FlaskClient, campaign: Campaign, link: Any
) -> None:
    signature = pending(campaign)
    path = link(signature)
    press(client, path)
    with transaction() as session:
        assert move(session, [signature.id], campaign_id=campaign.id, by=Move.INVALIDATE, now=clock.now())
    for _ in range(2):
        assert client.post(f"{path}/not-me").status_code == 200
    with transaction() as session:
        assert not move(session, [signature.id], campaign_id=campaign.id, by=Move.RESTORE, now=clock.now())
    assert reread(signature).state is SignatureState.INVALIDATED
    assert reread(signature).email is None
    assert confirmed(campaign) == 0


def test_news_starts_with_the_button_and_only_where_asked_for(
    client: FlaskClient, campaign: Campaign, link: Any
) -> None:
    asked, silent = pending(campaign, email="asked@example.org", wants_updates=True), pending(campaign)
    assert db.session.scalars(select(Supporter)).all() == []
    for signature in (asked, silent, asked):
        press(client, link(signature))
    db.session.rollback()
    [supporter] = db.session.scalars(select(Supporter))
    assert supporter.email == "asked@example.org"
    [consent] = db.session.scalars(select(Consent))
    assert (consent.supporter_id, consent.channel, consent.wording_version) == (supporter.id, "signature", "1")
    assert len(db.session.scalars(select(Subscription)).all()) == 1


def test_a_closed_petition_confirms_nothing_more(client: FlaskClient, campaign: Campaign, link: Any) -> None:
    signature = pending(campaign)
    with transaction() as session:
        session.get_one(Campaign, campaign.id).closes_at = clock.now()
    assert press(client, link(signature)) == 410
    assert confirmed(campaign) == 0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"honeypot": True}, Signal.HONEYPOT),
        ({"email": "x@mailinator.com"}, Signal.THROWAWAY_DOMAIN),
        ({"email": "x@sub.mailinator.com"}, Signal.THROWAWAY_DOMAIN),
        ({"email": "x@example.org"}, None),
    ],
)
def test_what_looks_wrong_is_held_and_the_signer_sees_no_difference(
    client: FlaskClient, campaign: Campaign, link: Any, more: dict[str, Any], reason: Signal | None
) -> None:
    signature = pending(campaign, **more)
    answer = client.post(link(signature), data={"confirm": "yes"})
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{campaign.slug}/signed")
    row = reread(signature)
    assert row.held_for == reason
    assert row.state is (SignatureState.HELD if reason else SignatureState.CONFIRMED)
    assert confirmed(campaign) == (reason is None)


def test_a_burst_from_one_network_is_held_and_others_are_not(
    client: FlaskClient, campaign: Campaign, link: Any
) -> None:
    now = clock.now()
    crowd = [pending(campaign, network_hash="crowd", created_at=now + timedelta(seconds=n)) for n in range(25)]
    slow = [pending(campaign, network_hash="slow", created_at=now - timedelta(minutes=11 * n)) for n in range(25)]
    for signature in crowd + slow:
        press(client, link(signature))
    assert [reread(row).state for row in crowd] == [SignatureState.CONFIRMED] * 20 + [SignatureState.HELD] * 5
    assert {reread(row).held_for for row in crowd[20:]} == {Signal.BURST}
    assert {reread(row).state for row in slow} == {SignatureState.CONFIRMED}
    noticed = db.session.scalars(select(SignatureSignal).order_by(SignatureSignal.signature_id)).all()
    assert [row.signature_id for row in noticed] == [row.id for row in crowd[20:]]
    assert [(row.signal, row.holds, row.detail) for row in noticed][::4] == [
        (Signal.BURST, True, {"count": count, "minutes": 1}) for count in (21, 25)
    ]


def test_all_that_is_noticed_is_kept_and_the_gravest_is_the_reason(
    client: FlaskClient, campaign: Campaign, link: Any
) -> None:
    signature = pending(campaign, honeypot=True, email="x@mailinator.com")
    for _ in range(2):
        press(client, link(signature))
    assert reread(signature).held_for is Signal.HONEYPOT
    kept = db.session.execute(select(SignatureSignal.signal, SignatureSignal.campaign_id, SignatureSignal.holds)).all()
    assert sorted(kept) == [(Signal.HONEYPOT, campaign.id, True), (Signal.THROWAWAY_DOMAIN, campaign.id, True)]
