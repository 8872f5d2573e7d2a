"""What the receipt of a payment says."""

from typing import Any

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.links import Links
from campaign.core.text import first_name
from campaign.donations.models import Donation, Payment
from campaign.donations.receipts import ReceiptFacts, get_facts


def donation_receipt(
    session: Session, payment_id: int, links: Links
) -> tuple[str, dict[str, Any], ReceiptFacts] | None:
    """The address, the template's context and the receipt; None where the donor was forgotten or nothing was paid.

    A gift that went back meanwhile still gets its receipt: the money did arrive, and the page it links says the rest.
    """
    payment = session.get(Payment, payment_id)
    if payment is None:
        return None
    donation = session.get_one(Donation, payment.donation_id)
    if not donation.email:
        return None
    facts = get_facts(session, payment_id)
    context = {
        "campaign": session.get_one(Campaign, donation.campaign_id),
        "donation": {
            "amount_minor": payment.amount_minor,
            "currency": payment.currency,
            "public_id": donation.public_id,
        },
        "first_name": first_name(donation.name),
        "paid_at": payment.paid_at,
        "donation_url": links.donation(donation.public_id),
        "receipt_number": facts.number,
    }
    return donation.email, context, facts
