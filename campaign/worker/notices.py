"""What mails to the staff say."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, Threshold, ThresholdNotice
from campaign.core.links import Links
from campaign.staff.models import StaffUser


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
