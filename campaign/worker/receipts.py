"""What the receipt of a payment says."""

from typing import Any

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.links import Links
from campaign.core.text import first_name
from campaign.donations.models import Donation, Payment


def donation_receipt(session: Session, payment_id: int, links: Links) -> tuple[str, dict[str, Any]] | None:
    """The address and the template's context; None where the donor was forgotten or there is no such payment.

    A gift that went back meanwhile still gets its receipt: the money did arrive, and the page it links says the rest.
    """
    payment = session.get(Payment, payment_id)
    if payment is None:
        return None
    donation = session.get_one(Donation, payment.donation_id)
    if not donation.email:
        return None
    return donation.email, {
        "campaign": session.get_one(Campaign, donation.campaign_id),
        "donation": {
            "amount_minor": payment.amount_minor,
            "currency": payment.currency,
            "public_id": donation.public_id,
        },
        "first_name": first_name(donation.name),
        "paid_at": payment.paid_at,
        "donation_url": links.donation(donation.public_id),
    }
