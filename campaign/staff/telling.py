"""Telling the staff by mail: each thing once a day to each person, whatever runs twice."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from campaign.core.addresses import address_key
from campaign.core.database import insert_into
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue
from campaign.staff.models import StaffNotice, StaffUser

KEPT = timedelta(days=30)
DIGEST = "digest"


def untold(session: Session, topic: str, day: date) -> list[StaffUser]:
    """Who may sign in and has not been told of this on that day."""
    told = exists().where(StaffNotice.staff_user_id == StaffUser.id, StaffNotice.topic == topic, StaffNotice.day == day)
    query = select(StaffUser).where(StaffUser.active.is_(True), ~told).order_by(StaffUser.id)
    return list(session.scalars(query))


def tell(
    session: Session, person: StaffUser, kind: MailKind, topic: str, day: date, *, has_to: bool, hash_key: str,
    language: str, now: datetime,
) -> bool:  # fmt: skip
    """Note that the person was told of this, and write to them where `has_to`; False where they were told already.

    Where there is nothing to write it is noted all the same: the day is over for this topic.
    """
    row = insert_into(session, StaffNotice).values(staff_user_id=person.id, topic=topic, day=day, created_at=now)
    notice_id: int | None = session.scalar(row.on_conflict_do_nothing().returning(StaffNotice.id))
    if notice_id is None:
        return False
    if has_to:
        key = address_key(hash_key, person.email)
        enqueue(session, kind, object_id=notice_id, recipient_key=key, language=language, now=now)
    return has_to


def forget(session: Session, *, now: datetime) -> None:
    """Delete notes of long ago."""
    session.execute(delete(StaffNotice).where(StaffNotice.created_at < now - KEPT))
