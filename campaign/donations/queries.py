"""Reading the ledger."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.donations.models import Payment


def totals(session: Session, campaign_id: int) -> list[tuple[str, int, int]]:
    """What was given less what was refunded, by currency: (currency, amount in minor units, donors)."""
    kept = Payment.amount_minor - Payment.refunded_minor
    rows = session.execute(
        select(Payment.currency, func.sum(kept), func.count())
        .where(Payment.campaign_id == campaign_id, kept > 0)
        .group_by(Payment.currency)
    )
    return [(currency, int(amount), donors) for currency, amount, donors in rows]
