"""One donation's story: what was asked, what came, what went back, and each step of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.core.errors import NotFound
from campaign.donations.models import (
    Alarm,
    Dispute,
    Donation,
    DonationMove,
    FailedRenewal,
    MonthlyGift,
    MonthlyGiftChange,
    Payment,
    Refund,
)


@dataclass(frozen=True)
class Step:
    """Something that happened at a moment; `what` says which kind of row tells of it."""

    at: datetime
    what: str
    row: Any


@dataclass(frozen=True)
class Story:
    """All rows about one donation, each kind in the order in which it happened."""

    donation: Donation
    moves: Sequence[DonationMove]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]
    disputes: Sequence[Dispute]
    gifts: Sequence[MonthlyGift]
    changes: Sequence[MonthlyGiftChange]
    failed: Sequence[FailedRenewal]
    alarms: Sequence[Alarm]

    def steps(self) -> list[Step]:
        """Everything in one order. Of rows about the same moment, what was written down first stands first."""
        found = [
            *(Step(move.at, "move", move) for move in self.moves),
            *(Step(change.created_at, "change", change) for change in self.changes),
            *(Step(payment.paid_at, "payment", payment) for payment in self.payments),
            *(Step(refund.created_at, "refund", refund) for refund in self.refunds),
            *(Step(dispute.opened_at, "dispute", dispute) for dispute in self.disputes),
            *(Step(renewal.failed_at, "failed", renewal) for renewal in self.failed),
            *(Step(alarm.raised_at, "alarm", alarm) for alarm in self.alarms),
        ]
        return sorted(found, key=lambda step: step.at)


def get_story(session: Session, campaign_id: int, public_id: str) -> Story:
    """The story of a campaign's donation. Raises NotFound, also for another campaign's."""
    donation = session.scalar(
        select(Donation).where(Donation.public_id == public_id, Donation.campaign_id == campaign_id)
    )
    if donation is None:
        raise NotFound(public_id)
    payments = session.scalars(select(Payment).where(Payment.donation_id == donation.id).order_by(Payment.id)).all()
    paid = [payment.id for payment in payments]
    gifts = session.scalars(
        select(MonthlyGift).where(MonthlyGift.donation_id == donation.id).order_by(MonthlyGift.id)
    ).all()
    monthly = [gift.id for gift in gifts]
    of_gift = MonthlyGiftChange.monthly_gift_id.in_(monthly)
    return Story(
        donation=donation,
        moves=session.scalars(
            select(DonationMove).where(DonationMove.donation_id == donation.id).order_by(DonationMove.id)
        ).all(),
        payments=payments,
        refunds=session.scalars(select(Refund).where(Refund.payment_id.in_(paid)).order_by(Refund.id)).all(),
        disputes=session.scalars(select(Dispute).where(Dispute.payment_id.in_(paid)).order_by(Dispute.id)).all(),
        gifts=gifts,
        changes=session.scalars(select(MonthlyGiftChange).where(of_gift).order_by(MonthlyGiftChange.id)).all(),
        failed=session.scalars(
            select(FailedRenewal).where(FailedRenewal.monthly_gift_id.in_(monthly)).order_by(FailedRenewal.id)
        ).all(),
        alarms=session.scalars(select(Alarm).where(Alarm.donation_id == donation.id).order_by(Alarm.id)).all(),
    )
