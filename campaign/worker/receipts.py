"""What a donation's receipt says."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.links import Links
from campaign.core.text import first_name
from campaign.donations.models import Donation, Payment


def donation_receipt(session: Session, donation_id: int, links: Links) -> tuple[str, dict[str, Any]] | None:
    """The address and the template's context; None where the donor was forgotten or nothing was paid.

    A gift that went back meanwhile still gets its receipt: the money did arrive, and the page it links says the rest.
    """
    donation = session.get(Donation, donation_id)
    if donation is None or not donation.email:
        return None
    paid_at = session.scalar(select(func.max(Payment.paid_at)).where(Payment.donation_id == donation_id))
    if paid_at is None:
        return None
    return donation.email, {
        "campaign": session.get_one(Campaign, donation.campaign_id),
        "donation": {
            "amount_minor": donation.amount_minor,
            "currency": donation.currency,
            "public_id": donation.public_id,
        },
        "first_name": first_name(donation.name),
        "paid_at": paid_at,
        "donation_url": links.donation(donation.public_id),
    }
