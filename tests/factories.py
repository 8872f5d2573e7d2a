"""Rows for tests, made through the models, with values that a test may override."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from campaign.campaigns.models import Campaign, CampaignState, Demand, Goal, People, Picture
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.petitions.deltas import delta
from campaign.petitions.models import (
    ImportState,
    Origin,
    Signal,
    Signature,
    SignatureImport,
    SignatureSignal,
    SignatureState,
    TallyDelta,
)
from campaign.settings import current_settings

NOW = datetime(2026, 3, 12, 14, 0, tzinfo=UTC)
_number = count(1)


def make_campaign(**more: Any) -> Campaign:
    """A published campaign with one demand; gives the row as stored."""
    number = next(_number)
    values: dict[str, Any] = {
        "slug": f"campaign-{number}",
        "title": f"Open the door {number}",
        "short_name": f"Welcome {number}",
        "summary": "What we ask, in three sentences.",
        "story": "The *story*.",
        "target": "the Home Secretary",
        "goal": 1000,
        "state": CampaignState.PUBLISHED,
        "takes_donations": True,
        "published_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
    }
    with transaction() as session:
        campaign = Campaign(**(values | more))
        session.add(campaign)
        session.flush()
        session.add(Goal(campaign_id=campaign.id, count=campaign.goal, set_at=NOW))
        session.add(Demand(campaign_id=campaign.id, version=1, text="1. **Do** it.\n2. Soon.", created_at=NOW))
    return campaign


def make_picture(campaign: Campaign, **more: Any) -> Picture:
    """The row of a picture; its files are another matter."""
    values: dict[str, Any] = {"digest": "d" * 24, "width": 1600, "alt": "A door", "people": People.NONE}
    values |= {"created_at": NOW, "updated_at": NOW}
    with transaction() as session:
        picture = Picture(campaign_id=campaign.id, **(values | more))
        session.add(picture)
    return picture


def make_signature(campaign: Campaign, **more: Any) -> Signature:
    """A signature in any state, counted as such."""
    number = next(_number)
    email = more.pop("email", f"person{number}@example.org")
    name = more.pop("name", f"Person Number{number}")
    state = more.get("state", SignatureState.CONFIRMED)
    with transaction() as session:
        demand_id = (
            session.query(Demand.id).filter_by(campaign_id=campaign.id).order_by(Demand.version.desc()).first()[0]
        )
        values: dict[str, Any] = {
            "campaign_id": campaign.id,
            "demand_id": demand_id,
            "state": SignatureState.CONFIRMED,
            "name": name,
            "name_folded": name.casefold(),
            "email": email,
            "email_key": address_key(current_settings().hash_key, email),
            "country": "GB",
            "consent_version": "1",
            "language": "en",
            "created_at": NOW,
            "confirmed_at": NOW if state in (SignatureState.CONFIRMED, SignatureState.HELD) else None,
            "state_changed_at": NOW,
        }
        signature = Signature(**(values | more))
        session.add(signature)
        session.flush()
        session.add(TallyDelta(**counted(signature)))
        if signature.held_for not in (None, Signal.MODERATOR):  # a moderator's holding is no signal
            session.add(
                SignatureSignal(
                    signature_id=signature.id,
                    signal=signature.held_for,
                    campaign_id=campaign.id,
                    holds=True,
                    created_at=NOW,
                )
            )
    return signature


def make_import(campaign: Campaign, **more: Any) -> SignatureImport:
    """A finished import of a partner's file; its rows are made with `make_signature(campaign, import_id=…)`."""
    with transaction() as session:
        values: dict[str, Any] = {
            "campaign_id": campaign.id,
            "demand_id": session.query(Demand.id).filter_by(campaign_id=campaign.id).first()[0],
            "origin": Origin.PARTNER,
            "source": "Open Hands",
            "collected_on": NOW.date(),
            "consent": "I sign.",
            "file_name": "list.csv",
            "size": 1,
            "sha256": "0" * 64,
            "state": ImportState.DONE,
            "requested_by": "test",
            "created_at": NOW,
            "available_at": NOW,
        }
        row = SignatureImport(**(values | more))
        session.add(row)
    return row


def make_demand(campaign: Campaign, text: str = "1. **Do** it now.", note: str = "Sooner.") -> Demand:
    """One more version of the campaign's demand."""
    with transaction() as session:
        latest = session.query(Demand).filter_by(campaign_id=campaign.id).order_by(Demand.version.desc()).first()
        row = Demand(campaign_id=campaign.id, version=latest.version + 1, text=text, note=note, created_at=NOW)
        session.add(row)
    return row


def counted(signature: Signature) -> dict[str, Any]:
    """The delta of a signature that came in as it stands."""
    return delta(
        campaign_id=signature.campaign_id,
        demand_id=signature.demand_id,
        import_id=signature.import_id,
        left=None,
        reached=signature.state,
        country=signature.country,
        source=signature.source,
        signed_at=signature.created_at,
        confirmed_at=signature.confirmed_at,
        now=NOW,
        email=signature.email,
        network_hash=signature.network_hash,
    )


def reread(row: Any) -> Any:
    """The row as it stands in the database now."""
    db.session.rollback()
    return db.session.get(type(row), row.id)
