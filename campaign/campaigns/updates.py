"""Writing updates: drafting, publishing, planning for later, and what a worker does when their time has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy import update as sql_update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.corrections import look_at, note_correction
from campaign.campaigns.edits import EditedMeanwhile
from campaign.campaigns.models import AidDelivery, AidItem, DeliveryStage, Update, UpdateKind, UpdateState
from campaign.core.errors import DomainError, NotFound

TIMETABLE = "timetable"
CORRECT = "correct"
_TOLD = frozenset({UpdateState.PUBLISHED, UpdateState.WITHDRAWN})


class Action(StrEnum):
    """What is to become of an update when it is stored."""

    DRAFT = "draft"
    PUBLISH = "publish"
    SCHEDULE = "schedule"


class TimePassed(DomainError):
    """The time to publish at is not in the future."""


class AlreadyTold(DomainError):
    """Readers have seen the update: it can be corrected or withdrawn, not taken back to a draft."""


@dataclass(frozen=True, kw_only=True)
class DeliveryFields:
    """What an update says has been sent; `items` are quantities with what they count."""

    stage: DeliveryStage
    currency: str
    items: tuple[tuple[int, str], ...] = ()
    cost_minor: int | None = None
    receiver: str = ""
    region: str = ""
    delivered_on: date | None = None
    evidence_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class UpdateFields:
    """What an editor writes. A delivery belongs to the kind `aid_delivery` only."""

    kind: UpdateKind
    title: str
    body: str = ""
    link: str | None = None
    delivery: DeliveryFields | None = None


def list_all_updates(session: Session, campaign_id: int, limit: int = 200) -> Sequence[Update]:
    """The campaign's updates in any state, newest first."""
    return session.scalars(
        select(Update).where(Update.campaign_id == campaign_id).order_by(Update.id.desc()).limit(limit)
    ).all()


def get_update(session: Session, campaign_id: int, public_id: str) -> Update:
    """One update of the campaign, in any state. Raises NotFound."""
    found = session.scalar(select(Update).where(Update.campaign_id == campaign_id, Update.public_id == public_id))
    if found is None:
        raise NotFound("There is no such update.")
    return found


def count_unpublished(session: Session, campaign_ids: Sequence[int]) -> dict[int, int]:
    """How many drafts and planned updates each campaign has."""
    rows = session.execute(
        select(Update.campaign_id, func.count())
        .where(Update.campaign_id.in_(campaign_ids), Update.state.in_((UpdateState.DRAFT, UpdateState.SCHEDULED)))
        .group_by(Update.campaign_id)
    )
    return dict.fromkeys(campaign_ids, 0) | dict(rows.all())


def preview_update(fields: UpdateFields, *, public_id: str, now: datetime) -> Update:
    """The update as readers would see it, in memory only."""
    told = Update(public_id=public_id, state=UpdateState.PUBLISHED, published_at=now)
    _set_fields(told, fields)
    return told


def save_update(
    session: Session,
    *,
    campaign_id: int,
    public_id: str | None,
    fields: UpdateFields,
    action: Action,
    publish_at: datetime | None,
    note: str = "",
    edition: int = 0,
    actor: str,
    now: datetime,
) -> Update:
    """Store a new update (no `public_id`) or another wording of one. An update keeps the time it was first published.

    What changes in a published one leaves a line under it, with the `note`. `edition` is the one that the edit started
    from, 0 for the present one. Raises NotFound for an unknown update, TimePassed where it is planned for a time that
    is not ahead, AlreadyTold where readers have seen it and are not to any more, EditedMeanwhile.
    """
    if action is Action.SCHEDULE and (publish_at is None or publish_at <= now):
        raise TimePassed("Choose a time that is still to come.")
    if public_id is None:
        told = Update(campaign_id=campaign_id, state=UpdateState.DRAFT, created_at=now)
        _set_fields(told, fields)
        session.add(told)
        is_corrected = False
    else:
        told = _take(session, campaign_id, public_id, edition)
        if told.state in _TOLD and action is not Action.PUBLISH:
            raise AlreadyTold("Readers have seen this. Correct it, or withdraw it.")
        before = look_at(told)
        _set_fields(told, fields)
        is_corrected = note_correction(told, before, note, now=now)
    _move(told, action, publish_at, now)
    session.flush()
    _note(session, told.public_id, campaign_id, CORRECT if is_corrected else action.value, actor=actor, now=now)
    return told


def _take(session: Session, campaign_id: int, public_id: str, edition: int) -> Update:
    """The update, for this edit alone: its edition is raised where it still is the one that the edit started from."""
    query = sql_update(Update).where(Update.campaign_id == campaign_id, Update.public_id == public_id)
    if edition:
        query = query.where(Update.edition == edition)
    raised = query.values(edition=Update.edition + 1).returning(Update.id)
    is_mine = session.execute(raised.execution_options(synchronize_session=False)).first() is not None
    told = get_update(session, campaign_id, public_id)
    if not is_mine:
        raise EditedMeanwhile
    return told


def _move(told: Update, action: Action, publish_at: datetime | None, now: datetime) -> None:
    told.updated_at = now
    told.publish_at = publish_at if action is Action.SCHEDULE else None
    told.state = {
        Action.DRAFT: UpdateState.DRAFT,
        Action.PUBLISH: UpdateState.PUBLISHED,
        Action.SCHEDULE: UpdateState.SCHEDULED,
    }[action]
    told.withdrawn_at, told.withdrawal_note = None, ""
    if told.state is UpdateState.PUBLISHED and told.published_at is None:
        told.published_at = now


def _set_fields(told: Update, fields: UpdateFields) -> None:
    told.kind, told.title, told.body, told.link = fields.kind, fields.title, fields.body, fields.link
    wanted = fields.delivery
    if wanted is None:
        told.delivery = None
        return
    delivery = told.delivery or AidDelivery()
    told.delivery = delivery
    delivery.stage, delivery.currency, delivery.cost_minor = wanted.stage, wanted.currency, wanted.cost_minor
    delivery.receiver, delivery.region = wanted.receiver, wanted.region
    delivery.delivered_on, delivery.evidence_url = wanted.delivered_on, wanted.evidence_url
    if [(line.quantity, line.item) for line in delivery.items] != list(wanted.items):
        delivery.items = [AidItem(quantity=quantity, item=item) for quantity, item in wanted.items]


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `publish_due` would publish one; a plain read, so that an idle worker takes no write lock."""
    query = select(Update.id).where(Update.state == UpdateState.SCHEDULED, Update.publish_at <= now).limit(1)
    return session.scalar(query) is not None


def publish_due(session: Session, *, now: datetime) -> int:
    """Publish the planned updates whose time has come; gives how many. Safe to run twice at once."""
    published = session.execute(
        sql_update(Update)
        .where(Update.state == UpdateState.SCHEDULED, Update.publish_at <= now)
        .values(
            state=UpdateState.PUBLISHED, published_at=func.coalesce(Update.published_at, now), publish_at=None,
            updated_at=now, edition=Update.edition + 1,
        )
        .returning(Update.public_id, Update.campaign_id)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    for public_id, campaign_id in published:
        _note(session, public_id, campaign_id, Action.PUBLISH.value, actor=TIMETABLE, now=now)
    return len(published)


def _note(session: Session, public_id: str, campaign_id: int, verb: str, *, actor: str, now: datetime) -> None:
    record(
        session, actor=actor, action=f"update.{verb}", object_type="update", object_id=public_id, now=now,
        campaign_id=campaign_id,
    )  # fmt: skip
