"""What mails to the staff say."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, Threshold, ThresholdNotice
from campaign.core.addresses import address_key
from campaign.core.links import Links
from campaign.donations import card_testing
from campaign.donations.card_testing import Level
from campaign.donations.models import Alarm
from campaign.staff.models import StaffUser
from campaign.staff.people import list_site_admins


def threshold_reached(session: Session, notice_id: int, links: Links) -> tuple[str, dict[str, Any]] | None:
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


def card_testing_alarm(
    session: Session, alarm_id: int, recipient_key: str, links: Links, *, hash_key: str
) -> tuple[str, dict[str, Any]] | None:
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
