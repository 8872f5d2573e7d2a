"""What donations forget by themselves: who meant to give and did not, and who gave long ago.

Each is a query of ids, so that a dry run can count what a run would do. Payments, receipts and claims stay.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from campaign.donations.forgetting import anonymise
from campaign.donations.models import (
    Donation,
    DonationState,
    GiftAidDeclaration,
    MonthlyGift,
    MonthlyGiftState,
    Payment,
)

UNPAID_LIFE = timedelta(days=90)
# HMRC asks for declarations and records for six years after the end of the accounting period of the last claim.
DECLARATION_LIFE = timedelta(days=7 * 365 + 2)

_UNPAID = (
    DonationState.CREATED, DonationState.OPEN, DonationState.FAILED, DonationState.EXPIRED, DonationState.CANCELED,
)  # fmt: skip


def unpaid(campaign_id: int, *, now: datetime) -> Select[int]:
    """Ids of donations that were never paid, and will not be."""
    return _named(campaign_id).where(
        Donation.state.in_(_UNPAID),
        Donation.created_at < now - UNPAID_LIFE,
        ~exists().where(Payment.donation_id == Donation.id),
        ~exists().where(MonthlyGift.donation_id == Donation.id),
    )


def old(campaign_id: int, *, kept_for: timedelta, now: datetime) -> Select[int]:
    """Ids of donations whose last payment is long ago. One with a Gift Aid declaration stays as long as that must."""
    declared = exists().where(GiftAidDeclaration.donation_id == Donation.id, GiftAidDeclaration.cancelled_at.is_(None))
    return _named(campaign_id).where(
        _ended_before(now - kept_for), or_(~declared, _ended_before(now - DECLARATION_LIFE))
    )


def _named(campaign_id: int) -> Select[int]:
    return select(Donation.id).where(Donation.campaign_id == campaign_id, Donation.email != "")


def _ended_before(moment: datetime) -> ColumnElement[bool]:
    """No payment since, and no monthly gift that would bring one."""
    running = exists().where(MonthlyGift.donation_id == Donation.id, MonthlyGift.state != MonthlyGiftState.CANCELED)
    since = exists().where(Payment.donation_id == Donation.id, Payment.paid_at >= moment)
    return and_(Donation.created_at < moment, ~since, ~running)


def forget_donors(session: Session, ids: Sequence[int]) -> int:
    """Forget who gave these; gives how many."""
    keys = session.scalars(
        select(Donation.email_key).where(Donation.id.in_(ids), Donation.email != "").with_for_update()
    ).all()
    anonymise(session, ids, keys)
    return len(keys)


def old_declarations(campaign_id: int, *, now: datetime) -> Select[int]:
    """Ids of Gift Aid declarations that need not be kept any more."""
    return (
        select(GiftAidDeclaration.id)
        .join(Donation, Donation.id == GiftAidDeclaration.donation_id)
        .where(
            Donation.campaign_id == campaign_id,
            GiftAidDeclaration.last_name != "",
            _ended_before(now - DECLARATION_LIFE),
        )
    )


def forget_declarations(session: Session, ids: Sequence[int]) -> int:
    """Empty who declared; the lines of claims stay as sums. Gives how many."""
    done = session.scalars(
        update(GiftAidDeclaration)
        .where(GiftAidDeclaration.id.in_(ids), GiftAidDeclaration.last_name != "")
        .values(title="", first_name="", last_name="", house="", postcode="")
        .returning(GiftAidDeclaration.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(done)
