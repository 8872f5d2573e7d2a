"""What is forgotten by itself, and what is not."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from campaign.campaigns.models import Demand
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue
from campaign.petitions import tally
from campaign.petitions.models import Signature, SignatureState
from campaign.worker.retention import forget
from tests.factories import make_campaign, make_signature

PENDING = SignatureState.PENDING


def left() -> set[str]:
    db.session.rollback()
    return {email or "" for email in db.session.scalars(select(Signature.email))}


def test_what_nobody_confirmed_goes_14_days_after_its_last_mail(app: Flask) -> None:
    now = clock.now()
    campaign = make_campaign()
    old, young = now - timedelta(days=15), now - timedelta(days=13)
    make_signature(campaign, state=PENDING, created_at=old, email="old@example.org")
    make_signature(campaign, state=PENDING, created_at=young, email="young@example.org")
    reminded = make_signature(campaign, state=PENDING, created_at=old, email="reminded@example.org")
    for state in set(SignatureState) - {PENDING}:
        make_signature(campaign, state=state, created_at=old, state_changed_at=old, email=f"{state}@example.org")
    with transaction() as session:
        enqueue(
            session, MailKind.CONFIRM_SIGNATURE, object_id=reminded.id, recipient_key=reminded.email_key,
            language="en", now=young,
        )  # fmt: skip
    assert forget() == 1
    assert forget() == 0
    assert "old@example.org" not in left()
    assert {"young@example.org", "reminded@example.org", "confirmed@example.org", "held@example.org"} <= left()
    assert tally.counts(db.session(), campaign.id)[PENDING] == 2


def test_an_address_that_was_forgotten_may_sign_again(app: Flask) -> None:
    campaign = make_campaign()
    make_signature(campaign, state=PENDING, created_at=clock.now() - timedelta(days=15), email="a@example.org")
    forget()
    form = {"name": "Anna", "email": "a@example.org", "country": "GB"}
    assert app.test_client().post(f"/campaigns/{campaign.slug}/sign", data=form).status_code == 303
    assert left() == {"a@example.org"}


def test_networks_go_after_30_days(app: Flask) -> None:
    now = clock.now()
    campaign = make_campaign()
    for days in (29, 31):
        make_signature(
            campaign, created_at=now - timedelta(days=days), network_hash="n" * 32, email=f"{days}@example.org"
        )
    assert forget() == 1
    db.session.rollback()
    kept = dict(db.session.execute(select(Signature.email, Signature.network_hash)).all())
    assert kept == {"29@example.org": "n" * 32, "31@example.org": None}


def test_more_than_a_batch_is_forgotten_by_running_on(app: Flask) -> None:
    campaign = make_campaign()
    with transaction() as session:
        demand_id = session.scalars(select(Demand.id)).one()
        session.add_all(
            Signature(
                campaign_id=campaign.id, demand_id=demand_id, state=PENDING, name="x", name_folded="x", email="x@example.org",
                email_key=str(number), country="GB", consent_version="1", language="en",
                created_at=clock.now() - timedelta(days=20), state_changed_at=clock.now(),
            )
            for number in range(501)
        )  # fmt: skip
    assert (forget(), forget(), forget()) == (500, 1, 0)
