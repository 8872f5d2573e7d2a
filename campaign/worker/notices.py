"""What mails to the staff say."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, Threshold, ThresholdNotice
from campaign.core.addresses import address_key
from campaign.core.links import Links
from campaign.donations import card_testing
from campaign.donations.card_testing import Level
from campaign.donations.models import Alarm
from campaign.mail.models import MailKind, OutboxMessage
from campaign.reports.staff_mails import alert_context, digest_context
from campaign.reports.troubles import list_troubles
from campaign.reports.waiting import all_waiting, waiting_for
from campaign.staff.models import StaffNotice, StaffUser
from campaign.staff.people import list_site_admins

Found = tuple[str, dict[str, Any]] | None


def staff_notice(session: Session, message: OutboxMessage, links: Links, *, hash_key: str, now: datetime) -> Found:
    """The address and the template's context of a mail to one of the staff; None where it has no reason any more."""
    if message.kind is MailKind.THRESHOLD_REACHED:
        return threshold_reached(session, message.object_id, links)
    if message.kind is MailKind.CARD_TESTING:
        return card_testing_alarm(session, message.object_id, message.recipient_key, links, hash_key=hash_key)
    return _told(session, message, links, now=now)


def threshold_reached(session: Session, notice_id: int, links: Links) -> Found:
    """The address and the template's context; None where the person no longer works here."""
    row = session.execute(
        select(StaffUser, Threshold, Campaign)
        .join(ThresholdNotice, ThresholdNotice.staff_user_id == StaffUser.id)
        .join(Threshold, Threshold.id == ThresholdNotice.threshold_id)
        .join(Campaign, Campaign.id == Threshold.campaign_id)
        .where(ThresholdNotice.id == notice_id, StaffUser.active.is_(True))
    ).one_or_none()
    if row is None:
        return None
    return row.StaffUser.email, {
        "campaign": row.Campaign,
        "count": row.Threshold.count,
        "label": row.Threshold.label,
        "reached_at": row.Threshold.reached_at,
        "campaign_url": links.campaign(row.Campaign.slug),
    }


def card_testing_alarm(session: Session, alarm_id: int, recipient_key: str, links: Links, *, hash_key: str) -> Found:
    """The address and the template's context; None where it is settled, or the person is no admin any more."""
    alarm = session.get(Alarm, alarm_id)
    to = next(
        (one.email for one in list_site_admins(session) if address_key(hash_key, one.email) == recipient_key), None
    )
    if alarm is None or alarm.resolved_at is not None or to is None:
        return None
    campaign_id, level = card_testing.read_subject(alarm.subject)
    return to, {
        "campaign": session.get(Campaign, campaign_id) if campaign_id else None,
        "paused": level is Level.PAUSE,
        "began_at": alarm.raised_at,
        "stripe_url": links.admin_stripe(),
    }


def _told(session: Session, message: OutboxMessage, links: Links, *, now: datetime) -> Found:
    """The digest or a warning, counted now; None where nothing waits any more, or not for this person."""
    notice = session.get(StaffNotice, message.object_id)
    person = session.get(StaffUser, notice.staff_user_id) if notice else None
    if notice is None or person is None or not person.active:
        return None
    waiting = all_waiting(session, now=now)
    if message.kind is MailKind.STAFF_DIGEST:
        own = waiting_for(person, waiting)
        return (person.email, digest_context(own, links)) if own.total else None
    troubles = list_troubles(session, waiting, now=now)
    trouble = next((one for one in troubles if one.name == notice.topic and one.concerns(person)), None)
    return (person.email, alert_context(trouble, links)) if trouble else None
