"""What the articles that readers came from brought in gifts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.donations.models import Donation, Payment

MOST_SOURCES = 1_000


@dataclass(frozen=True)
class SourceGifts:
    """What one source brought in one currency, in minor units, less what went back; `gifts` are donations paid."""

    source: str
    currency: str
    amount_minor: int
    gifts: int


def given_by_source(session: Session, campaign_ids: Sequence[int]) -> dict[int, list[SourceGifts]]:
    """What each source brought some campaigns, by campaign id, summed as their totals are.

    Readers name their source, so these are the MOST_SOURCES that brought the most gifts.
    """
    kept = Payment.amount_minor - Payment.refunded_minor - Payment.disputed_minor
    gifts = func.count(Payment.donation_id.distinct())
    rows = session.execute(
        select(Payment.campaign_id, Donation.source, Payment.currency, func.sum(kept), gifts)
        .join(Donation, Donation.id == Payment.donation_id)
        .where(Payment.campaign_id.in_(campaign_ids), Payment.mismatched.is_(False), kept > 0)
        .group_by(Payment.campaign_id, Donation.source, Payment.currency)
        .order_by(gifts.desc(), Donation.source)
        .limit(MOST_SOURCES)
    )
    found: dict[int, list[SourceGifts]] = {campaign_id: [] for campaign_id in campaign_ids}
    for campaign_id, source, currency, amount, number in rows:
        found[campaign_id].append(SourceGifts(source, currency, int(amount), number))
    return found
