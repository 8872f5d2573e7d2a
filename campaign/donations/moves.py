"""The one function that moves a donation's state, and records each move."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaign.donations.models import Donation, DonationMove, DonationState


def move(session: Session, donation: Donation, target: DonationState, cause: str, now: datetime) -> None:
    """Move a donation, of which the caller holds the row, and record from where, why and when."""
    if donation.state is target:
        return
    session.add(DonationMove(donation_id=donation.id, from_state=donation.state, to_state=target, cause=cause, at=now))
    donation.state, donation.state_changed_at = target, now


def note_begun(session: Session, donation: Donation, *, cause: str, now: datetime) -> None:
    """Record the first state of a donation that was just stored."""
    session.add(DonationMove(donation_id=donation.id, from_state=None, to_state=donation.state, cause=cause, at=now))
