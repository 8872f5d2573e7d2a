"""The row that a move of a signature leaves for the count and the statistics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from campaign.core.addresses import address_domain
from campaign.petitions.models import SignatureState, TallyDelta


def delta(
    *,
    campaign_id: int,
    demand_id: int,
    left: SignatureState | None,
    reached: SignatureState | None,
    country: str,
    source: str,
    signed_at: datetime,
    confirmed_at: datetime | None,
    now: datetime,
    email: str | None = None,
    network_hash: str | None = None,
    import_id: int | None = None,
) -> dict[str, Any]:
    """One move as a row of `tally_delta`; no state left means that the form came in, none reached that it was deleted.

    Address and network are given when the form comes in and when its link is pressed, and never with other moves.
    """
    return {
        "campaign_id": campaign_id,
        "demand_id": demand_id,
        "import_id": import_id or 0,
        "from_state": left,
        "to_state": reached,
        "country": country,
        "source": source,
        "domain": address_domain(email) if email else None,
        "network_hash": network_hash,
        "signed_at": signed_at,
        "confirmed_at": confirmed_at,
        "created_at": now,
    }


def write(session: Session, deltas: Sequence[dict[str, Any]]) -> None:
    """Write the deltas into the transaction of the moves that they stand for."""
    if deltas:
        session.execute(insert(TallyDelta), deltas)
