"""Rows in bulk, and an invalidation taken through its steps as door and worker do it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from campaign.campaigns.models import Campaign, Demand
from campaign.core import clock
from campaign.core.addresses import keyed_hash
from campaign.core.database import db, transaction
from campaign.petitions import tally
from campaign.petitions.deltas import write
from campaign.petitions.invalidation import records
from campaign.petitions.invalidation.conditions import Conditions
from campaign.petitions.invalidation.previewing import Progress, count_on, ground_for
from campaign.petitions.models import Invalidation, Removal, RemovalReason, Signature, SignatureState
from campaign.worker.invalidations import work_on_invalidations
from tests.factories import NOW, counted, make_campaign

S = SignatureState
NETWORK = keyed_hash("k", "network", "192.0.2.0/24")


def sign_in_bulk(campaign: Campaign, count: int, **more: Any) -> None:
    """So many signatures at once, counted; a value may be a function of the number."""
    with transaction() as session:
        demand_id = session.scalar(select(Demand.id).where(Demand.campaign_id == campaign.id))
        first = (session.scalar(select(func.max(Signature.id))) or 0) + 1
        rows = []
        for number in range(first, first + count):
            given = {name: value(number) if callable(value) else value for name, value in more.items()}
            email = given.pop("email", f"person{number}@example.org")
            name = given.pop("name", f"Person {number}")
            rows.append(
                {
                    "campaign_id": campaign.id, "demand_id": demand_id, "state": S.CONFIRMED, "name": name,
                    "name_folded": name.casefold(), "email": email, "email_key": f"key {number}",
                    "country": "GB", "consent_version": "1", "language": "en",
                    "created_at": NOW, "confirmed_at": NOW, "state_changed_at": NOW, "source": "", "network_hash": None,
                }
                | given
            )  # fmt: skip
        session.execute(insert(Signature), rows)
        write(session, [counted(Signature(**row)) for row in rows])


def states(campaign: Campaign) -> dict[SignatureState, int]:
    """How many rows there are in each state; and the count must say the same."""
    db.session.rollback()
    query = select(Signature.state, func.count()).where(Signature.campaign_id == campaign.id).group_by(Signature.state)
    found = {state: number for state, number in db.session.execute(query)}  # noqa: C416
    counted = {state: number for state, number in tally.counts(db.session(), campaign.id).items() if number}
    assert counted == found
    return found


def told(campaign: Campaign) -> dict[RemovalReason, tuple[int, int]]:
    """What the public is told: class of reason → taken out, put back; less one another it is what is out."""
    rows = db.session.execute(
        select(Removal.reason, func.sum(Removal.removed), func.sum(Removal.restored))
        .where(Removal.campaign_id == campaign.id)
        .group_by(Removal.reason)
    )
    found = {reason: (removed, restored) for reason, removed, restored in rows}
    out = states(campaign).get(S.INVALIDATED, 0)
    assert sum(removed - restored for removed, restored in found.values()) == out
    return found


@dataclass
class Run:
    """An invalidation in a test's hands."""

    campaign: Campaign
    id: int

    @property
    def row(self) -> Invalidation:
        db.session.rollback()
        return db.session.get_one(Invalidation, self.id)

    def act(self, deed: Callable[..., None], **more: Any) -> None:
        with transaction() as session:
            deed(session, session.get_one(Invalidation, self.id), actor="moderator@x.example", now=clock.now(), **more)

    def start(self, reason_class: RemovalReason = RemovalReason.BOTS) -> None:
        self.act(records.start, reason_class=reason_class, reason="They are all alike")

    def restore(self) -> None:
        self.act(records.restore, reason="They were people")


def work() -> None:
    """Let the worker do all there is."""
    db.session.rollback()
    while work_on_invalidations():
        pass


def preview(campaign: Campaign, *, most: int = 20_000, **conditions: Any) -> Run:
    """A preview, counted to its end."""
    wanted, now = Conditions(**conditions), clock.now()
    ground = ground_for(db.session(), campaign.id, wanted)
    counted = count_on(db.session(), ground, Progress(), as_of=now, most=most)
    with transaction() as session:
        run = Run(campaign, records.preview(session, ground, counted, actor="moderator@x.example", now=now).id)
    work()
    return run


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return make_campaign()
