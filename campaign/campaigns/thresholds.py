"""Thresholds: at which numbers of confirmed signatures the campaign's staff is written to, once each."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign, CampaignState, Threshold, ThresholdNotice
from campaign.core.addresses import address_key
from campaign.core.database import insert_into
from campaign.core.errors import ChangedMeanwhile
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue
from campaign.staff.people import list_people_of


def list_thresholds(session: Session, campaign_id: int) -> Sequence[Threshold]:
    """The campaign's thresholds, the lowest first."""
    return session.scalars(
        select(Threshold).where(Threshold.campaign_id == campaign_id).order_by(Threshold.count)
    ).all()


def set_thresholds(
    session: Session,
    campaign_id: int,
    wanted: Mapping[int, str],
    *,
    seen: Mapping[int, str] | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Store these numbers with their labels. Those that were reached already stay as they are.

    Raises ChangedMeanwhile where the others are not those that were `seen` before.
    """
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update())
    if seen is not None:
        stored = list_thresholds(session, campaign_id)
        reached = {one.count for one in stored if one.reached_at is not None}
        if {one.count: one.label for one in stored if one.count not in reached} != {
            count: label for count, label in seen.items() if count not in reached
        }:
            raise ChangedMeanwhile("Somebody else has changed the milestones.")
    open_ones = (Threshold.campaign_id == campaign_id, Threshold.reached_at.is_(None))
    session.execute(delete(Threshold).where(*open_ones, Threshold.count.not_in(list(wanted))))
    for count, label in wanted.items():
        row = insert_into(session, Threshold).values(campaign_id=campaign_id, count=count, label=label)
        session.execute(
            row.on_conflict_do_update(
                index_elements=["campaign_id", "count"], set_={"label": label}, where=Threshold.reached_at.is_(None)
            )
        )
    record(
        session, actor=actor, action="thresholds.changed", object_type="campaign", object_id=campaign_id, now=now,
        campaign_id=campaign_id, counts=sorted(wanted),
    )  # fmt: skip


def list_open(session: Session) -> Sequence[Threshold]:
    """The thresholds that may yet be reached."""
    return session.scalars(
        select(Threshold)
        .join(Campaign, Campaign.id == Threshold.campaign_id)
        .where(Threshold.reached_at.is_(None), Campaign.state == CampaignState.PUBLISHED)
    ).all()


def reach(session: Session, threshold: Threshold, *, hash_key: str, language: str, now: datetime) -> bool:
    """The number has been reached: write to everybody who works on the campaign. A second time does nothing."""
    reached = session.scalar(
        update(Threshold)
        .where(Threshold.id == threshold.id, Threshold.reached_at.is_(None))
        .values(reached_at=now)
        .returning(Threshold.id)
        .execution_options(synchronize_session=False)
    )
    if reached is None:
        return False
    people = list_people_of(session, threshold.campaign_id)
    notices = [ThresholdNotice(threshold_id=threshold.id, staff_user_id=person.id) for person in people]
    session.add_all(notices)
    session.flush()
    for person, notice in zip(people, notices, strict=True):
        enqueue(
            session, MailKind.THRESHOLD_REACHED, object_id=notice.id, recipient_key=address_key(hash_key, person.email),
            language=language, now=now,
        )  # fmt: skip
    return True
