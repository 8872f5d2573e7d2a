"""How many forms one network sent in how short a time."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.petitions.models import Signal, Signature
from campaign.petitions.screening.findings import Finding

BURST_LIMIT = 20
BURST_WINDOW = timedelta(minutes=10)
# So many are counted to say how many there were; a sentence that says 100 means 100 or more.
MOST_COUNTED = 100


def find_burst(session: Session, signature: Signature) -> Finding | None:
    """More than the limit from the signer's network in the ten minutes up to this form. Reads MOST_COUNTED entries."""
    if signature.network_hash is None:
        return None
    latest = (
        select(Signature.created_at)
        .where(
            Signature.campaign_id == signature.campaign_id,
            Signature.network_hash == signature.network_hash,
            Signature.created_at > signature.created_at - BURST_WINDOW,
            Signature.created_at <= signature.created_at,
        )
        .order_by(Signature.created_at.desc())
        .limit(max(BURST_LIMIT + 1, MOST_COUNTED))
        .subquery()
    )
    count, first = session.execute(select(func.count(), func.min(latest.c.created_at))).one()
    if count <= BURST_LIMIT:
        return None
    minutes = -(-(signature.created_at - first) // timedelta(minutes=1))
    return Finding(Signal.BURST, detail={"count": count, "minutes": max(minutes, 1)})
