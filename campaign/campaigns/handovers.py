"""Recording that the petition was handed over. The names and the figures are in the pack, which is an export."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.edits import EditedMeanwhile
from campaign.campaigns.models import Handover
from campaign.core.errors import NotFound


@dataclass(frozen=True)
class HandoverFields:
    """All that is told of a hand-over but its photograph."""

    handed_on: date
    recipient: str
    signatures: int
    body: str = ""
    answer: str = ""
    photo_alt: str = ""
    photo_credit: str = ""
    pack_sha256: str | None = None
    is_public: bool = False


def list_handovers(session: Session, campaign_id: int, *, public_only: bool = False) -> Sequence[Handover]:
    """The hand-overs of a campaign, newest first."""
    query = select(Handover).where(Handover.campaign_id == campaign_id)
    if public_only:
        query = query.where(Handover.is_public.is_(True))
    return session.scalars(query.order_by(Handover.handed_on.desc(), Handover.id.desc())).all()


def has_public_handover(session: Session, campaign_id: int) -> bool:
    """True where there is something to show."""
    return bool(
        session.scalar(select(exists().where(Handover.campaign_id == campaign_id, Handover.is_public.is_(True))))
    )


def get_handover(session: Session, campaign_id: int, public_id: str) -> Handover:
    """One hand-over of the campaign. Raises NotFound."""
    found = session.scalar(select(Handover).where(Handover.campaign_id == campaign_id, Handover.public_id == public_id))
    if found is None:
        raise NotFound("There is no such hand-over.")
    return found


def record_handover(
    session: Session, campaign_id: int, fields: HandoverFields, *, photo: str | None, actor: str, now: datetime
) -> Handover:
    """Store a new hand-over. `photo` is the name of a stored picture."""
    made = Handover(campaign_id=campaign_id, photo=photo, created_at=now, updated_at=now, **asdict(fields))
    session.add(made)
    session.flush()
    _note(session, made, "recorded", actor=actor, now=now)
    return made


def edit_handover(
    session: Session,
    campaign_id: int,
    public_id: str,
    fields: HandoverFields,
    *,
    photo: str | None,
    edition: int,
    actor: str,
    now: datetime,
) -> Handover:
    """Change what is told. Raises EditedMeanwhile where `edition` is not the present one, and NotFound."""
    query = select(Handover).where(Handover.campaign_id == campaign_id, Handover.public_id == public_id)
    found = session.scalar(query.with_for_update())
    if found is None:
        raise NotFound("There is no such hand-over.")
    if found.edition != edition:
        raise EditedMeanwhile("Somebody else has changed this hand-over.")
    for name, value in asdict(fields).items():
        setattr(found, name, value)
    found.photo, found.updated_at = photo, now
    session.flush()
    _note(session, found, "edited", actor=actor, now=now)
    return found


def _note(session: Session, handover: Handover, verb: str, *, actor: str, now: datetime) -> None:
    record(
        session, actor=actor, action=f"handover.{verb}", object_type="handover", object_id=handover.public_id, now=now,
        campaign_id=handover.campaign_id, handed_on=handover.handed_on.isoformat(), signatures=handover.signatures,
        is_public=handover.is_public, pack_sha256=handover.pack_sha256,
    )  # fmt: skip
