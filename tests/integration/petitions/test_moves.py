"""Moves one by one: what each may start from, what it sets and clears, and what disowning leaves behind."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect

from campaign.core import clock
from campaign.core.addresses import address_key, keyed_hash
from campaign.core.database import transaction
from campaign.core.networks import network_hash
from campaign.core.tokens import Purpose, Tokens
from campaign.petitions.models import CommentState, Signal, Signature, SignatureState
from campaign.petitions.transitions import Move, move
from campaign.settings import Settings
from tests.factories import make_campaign, make_signature, reread

S = SignatureState
# The product's table: what may start a move, and where it leads.
MOVES = {
    Move.CONFIRM: ({S.PENDING}, S.CONFIRMED),
    Move.CONFIRM_TO_HELD: ({S.PENDING}, S.HELD),
    Move.HOLD: ({S.CONFIRMED}, S.HELD),
    Move.RELEASE: ({S.HELD}, S.CONFIRMED),
    Move.INVALIDATE: ({S.HELD, S.CONFIRMED}, S.INVALIDATED),
    Move.RESTORE: ({S.INVALIDATED}, S.CONFIRMED),
    Move.WITHDRAW: ({S.PENDING, S.HELD, S.CONFIRMED}, S.WITHDRAWN),
}


@pytest.mark.parametrize("by", list(Move))
@pytest.mark.parametrize("before", list(SignatureState))
def test_each_move_starts_where_the_table_says_and_nowhere_else(app: Flask, by: Move, before: SignatureState) -> None:
    sources, target = MOVES[by]
    campaign = make_campaign()
    state_before = S.CONFIRMED if before is S.INVALIDATED else None
    signature = make_signature(campaign, state=before, state_before=state_before)
    with transaction() as session:
        moved = move(session, [signature.id], campaign_id=campaign.id, by=by, now=clock.now())
    assert moved == ({signature.id: before} if before in sources else {})
    assert reread(signature).state is (target if before in sources else before)


def test_releasing_clears_the_reason_to_hold(app: Flask) -> None:
    campaign = make_campaign()
    signature = make_signature(campaign, state=S.HELD, held_for=Signal.BURST)
    with transaction() as session:
        move(session, [signature.id], campaign_id=campaign.id, by=Move.RELEASE, now=clock.now())
    assert reread(signature).held_for is None
    with transaction() as session:
        move(session, [signature.id], campaign_id=campaign.id, by=Move.HOLD, now=clock.now())
    assert reread(signature).held_for is Signal.MODERATOR


def test_an_invalidated_one_remembers_where_it_came_from_until_it_is_restored(app: Flask) -> None:
    campaign = make_campaign()
    signature = make_signature(campaign, state=S.HELD, held_for=Signal.BURST)
    for by, expected in ((Move.INVALIDATE, S.HELD), (Move.RESTORE, None)):
        with transaction() as session:
            move(session, [signature.id], campaign_id=campaign.id, by=by, now=clock.now())
        assert reread(signature).state_before is expected
    assert (reread(signature).state, reread(signature).held_for) == (S.HELD, Signal.BURST)


@pytest.mark.parametrize("before", [S.PENDING, S.HELD, S.CONFIRMED])
def test_disowning_leaves_nothing_of_the_person_but_the_hash(
    client: FlaskClient, settings: Settings, before: SignatureState
) -> None:
    words = "Kanarienvogel"
    signature = make_signature(
        make_campaign(), state=before, name=words, email=f"{words}@example.org", postcode=words, comment=words,
        comment_state=CommentState.PUBLISHED, show_name=True, wants_updates=True, network_hash=words,
    )  # fmt: skip
    path = f"/confirm/{Tokens(settings.secret_key).make(Purpose.CONFIRM_SIGNATURE, signature.id, 1)}"
    assert client.post(f"{path}/not-me").status_code == 200
    after = reread(signature)
    assert after.state is S.WITHDRAWN
    assert (after.name, after.name_folded, after.email, after.network_hash, after.comment_state) == (None,) * 5
    assert (after.postcode, after.comment, after.show_name, after.wants_updates) == ("", "", False, False)
    kept = {column.key: getattr(after, column.key) for column in inspect(Signature).column_attrs}
    assert not [name for name, value in kept.items() if words.casefold() in str(value).casefold()]
    assert after.email_key == address_key(settings.hash_key, f"{words}@example.org")
    assert after.token_version == 2
    assert client.get(path).status_code == 404
    newer = f"/confirm/{Tokens(settings.secret_key).make(Purpose.CONFIRM_SIGNATURE, signature.id, 2)}"
    assert client.post(newer, data={"confirm": "yes"}).status_code == 404
    assert reread(signature).state is S.WITHDRAWN


def test_hashes_of_different_things_are_kept_apart() -> None:
    key = "k" * 32
    assert len({keyed_hash(key, kind, "same") for kind in ("address", "network")}) == 2
    assert keyed_hash(key, "address", "same") != keyed_hash("j" * 32, "address", "same")
    assert network_hash(key, "192.0.2.1") == keyed_hash(key, "network", "192.0.2.0/24")
    assert address_key(key, "Ada@Example.org") == keyed_hash(key, "address", "ada@example.org")
    assert network_hash(key, "192.0.2.1") != keyed_hash(key, "address", "192.0.2.0/24")
