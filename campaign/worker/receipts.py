"""What the receipt of a payment says, and the mail about a month that could not be charged."""

from typing import Any

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.links import Links
from campaign.core.text import first_name
from campaign.core.tokens import Tokens
from campaign.donations.following import following_token
from campaign.donations.giver import LINK_LIFE, giving_token
from campaign.donations.models import Donation, FailedRenewal, Frequency, MonthlyGift, MonthlyGiftState, Payment
from campaign.donations.receipts import ReceiptFacts, get_facts
from campaign.donations.subscribing import STRIPE


def donation_receipt(
    session: Session, payment_id: int, links: Links, tokens: Tokens
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
        "giving_url": _own_page(donation, links, tokens) if donation.frequency is Frequency.MONTHLY else None,
        "expires_at": clock.now() + LINK_LIFE,
        "subscribe_url": links.subscribe(following_token(tokens, donation)) if donation.wants_updates else None,
    }
    return donation.email, context, facts


def _own_page(donation: Donation, links: Links, tokens: Tokens) -> str:
    """The donor's own page, so that a monthly gift is changed or cancelled from the mail, without asking anyone."""
    return links.giving(giving_token(tokens, donation))


def renewal_failed(
    session: Session, renewal_id: int, links: Links, tokens: Tokens
) -> tuple[str, dict[str, Any]] | None:
    """The address and the template's context; None where it was paid after all, or the gift has ended since."""
    renewal = session.get(FailedRenewal, renewal_id)
    if renewal is None or renewal.paid_at is not None:
        return None
    gift = session.get_one(MonthlyGift, renewal.monthly_gift_id)
    donation = session.get_one(Donation, gift.donation_id)
    ended = gift.state is MonthlyGiftState.CANCELED
    if not donation.email or gift.cancel_asked_at is not None or (ended and gift.canceled_by != STRIPE):
        return None
    return donation.email, {
        "campaign": session.get_one(Campaign, donation.campaign_id),
        "renewal": {"amount_minor": renewal.amount_minor, "currency": renewal.currency},
        "first_name": first_name(donation.name),
        "failed_at": renewal.failed_at,
        "next_attempt_at": None if ended else renewal.next_attempt_at,
        "has_ended": ended,
        "giving_url": _own_page(donation, links, tokens),
        "expires_at": clock.now() + LINK_LIFE,
        "donate_url": links.donate(session.get_one(Campaign, donation.campaign_id).slug),
    }
