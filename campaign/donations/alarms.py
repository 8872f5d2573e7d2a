"""Alarms: what a person must see, raised once for each subject, open until somebody says what was done."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.database import insert_into
from campaign.core.errors import NotFound
from campaign.core.identifiers import new_public_id
from campaign.donations.models import Alarm, AlarmKind


def raise_alarm(
    session: Session, kind: AlarmKind, subject: str, *, donation_id: int | None, now: datetime
) -> int | None:
    """Note an alarm about one of Stripe's objects; gives its id, None where it is there already."""
    alarm_id: int | None = session.scalar(
        insert_into(session, Alarm)
        .values(
            public_id=new_public_id(),
            kind=kind,
            subject=subject,
            donation_id=donation_id,
            raised_at=now,
            resolved_by="",
            note="",
        )
        .on_conflict_do_nothing(index_elements=["kind", "subject"])
        .returning(Alarm.id)
    )
    return alarm_id


def resolve(session: Session, public_id: str, *, actor: str, note: str, now: datetime) -> None:
    """Close an alarm, saying what was done; a second time changes nothing. Raises NotFound."""
    if session.scalar(select(Alarm.id).where(Alarm.public_id == public_id)) is None:
        raise NotFound(public_id)
    closed = session.scalar(
        update(Alarm)
        .where(Alarm.public_id == public_id, Alarm.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by=actor, note=note)
        .returning(Alarm.kind)
    )
    if closed is not None:
        record(
            session, actor=actor, action="alarm.resolved", object_type="alarm", object_id=public_id, now=now,
            reason=note, kind=closed,
        )  # fmt: skip
