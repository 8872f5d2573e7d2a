"""Confirming as the room does it, without a browser."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.addresses import mailbox_key
from campaign.core.database import db, transaction
from campaign.core.networks import network_hash
from campaign.core.tokens import Token
from campaign.petitions.confirmation import confirm
from campaign.petitions.models import ScreeningAction, Signal, Signature, SignatureSignal, SignatureState
from campaign.petitions.screening.rules import Rules, rules_of, set_rules
from campaign.settings import Settings
from tests.factories import make_campaign, make_signature, reread

Press = Callable[..., dict[Signal, bool]]


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()


@pytest.fixture
def network(settings: Settings) -> Callable[[str], str]:
    """The keyed hash of the network that an address lies in."""
    return lambda address: network_hash(settings.hash_key, address)


@pytest.fixture
def pending(campaign: Campaign, settings: Settings) -> Callable[..., Signature]:
    """Stores a form as it was sent, with all that is kept of it."""

    def make(email: str = "somebody@example.org", **more: Any) -> Signature:
        key = mailbox_key(settings.hash_key, email)
        values = {"mailbox_key": key, "created_at": clock.now(), "state": SignatureState.PENDING} | more
        return make_signature(campaign, email=email, **values)

    return make


@pytest.fixture
def press() -> Press:
    """Presses the link of a signature; gives what was noticed: signal -> whether it holds."""

    def go(signature: Signature, confirmed_from: str | None = None) -> dict[Signal, bool]:
        with transaction() as session:
            confirm(session, Token(signature.id, 1), now=clock.now(), network_hash=confirmed_from)
        found = signals_of(signature)
        held = reread(signature).state is SignatureState.HELD
        assert held == any(found.values())
        assert (reread(signature).held_for is not None) == held
        return found

    return go


def signals_of(signature: Signature) -> dict[Signal, bool]:
    db.session.rollback()
    rows = db.session.scalars(select(SignatureSignal).where(SignatureSignal.signature_id == signature.id))
    return {row.signal: row.holds for row in rows}


def set_action(campaign: Campaign, signal: Signal, action: ScreeningAction) -> None:
    change_rules(campaign, actions={signal: action})


def change_rules(campaign: Campaign, actions: Any = None, **more: Any) -> None:
    with transaction() as session:
        now = rules_of(session, campaign.id)
        values = {"numbers": now.numbers, "words": now.words} | more
        wanted = Rules(actions=dict(now.actions) | (actions or {}), edition=now.edition, **values)
        assert set_rules(session, campaign.id, wanted, actor="test", now=clock.now())
