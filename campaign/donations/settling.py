"""Settling: what Stripe says of a donation is written down, and moves its state; nothing else does.

The word is absolute ("so much arrived, so much went back"), so the same news twenty times, late or in any order, ends
in the same rows. Late news never undoes a success.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.donations import ledger, receipts, subscribing
from campaign.donations.alarms import raise_alarm
from campaign.donations.models import AlarmKind, Donation, DonationState, MonthlyGift, Payment
from campaign.donations.moves import move
from campaign.donations.standing import Paid, Standing
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue

_S = DonationState
# Moves without money. Money moves a donation from any state, for it has arrived whatever was thought before.
_UNPAID_MOVES = {
    _S.CREATED: frozenset({_S.OPEN, _S.PROCESSING, _S.FAILED, _S.EXPIRED, _S.CANCELED}),
    _S.OPEN: frozenset({_S.PROCESSING, _S.FAILED, _S.EXPIRED, _S.CANCELED}),
    _S.PROCESSING: frozenset({_S.FAILED, _S.CANCELED}),
}
_PAID_STATES = frozenset({_S.SUCCEEDED, _S.PARTIALLY_REFUNDED, _S.REFUNDED, _S.DISPUTED})


class Overtaken(Exception):
    """Something newer may have been applied since Stripe was asked: ask again."""


def settle(session: Session, standing: Standing, *, cause: str, now: datetime) -> Donation | None:
    """Apply what Stripe says of a donation; gives the donation, or None where it is none of ours.

    Raises Overtaken where the answer may be older than the last one applied. Of every payment that arrives as asked
    for, a receipt is queued, once. A payment of another amount or currency is kept, flagged, not counted, and leaves
    the donation `processing` until somebody has looked at it. `cause` is the event, or who asked.
    """
    donation = session.scalar(
        select(Donation)
        .where(Donation.public_id == standing.donation)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if donation is None:
        return None
    if donation.told_at is not None and standing.asked_at < donation.told_at:
        raise Overtaken
    if _is_given_up(donation, standing):
        return donation
    donation.told_at = now
    if donation.checkout_session is None and standing.checkout_session is not None:
        donation.checkout_session = standing.checkout_session
        donation.checkout_url = standing.checkout_url
    gift = subscribing.write_gift(session, donation, standing.gift, now=now) if standing.gift else None
    if gift and standing.unpaid:
        subscribing.note_failed_renewal(session, donation, gift, standing.unpaid, now=now)
    if standing.paid:
        move(session, donation, _after_payment(session, donation, gift, standing.paid, now), cause, now)
    elif standing.state in _UNPAID_MOVES.get(donation.state, ()):
        move(session, donation, standing.state, cause, now)
    session.flush()
    return donation


def _is_given_up(donation: Donation, standing: Standing) -> bool:
    """True for news of an earlier checkout, left for the present one, through which nothing came."""
    if standing.paid or standing.gift or standing.checkout_session is None:
        return False
    return donation.checkout_session not in (None, standing.checkout_session)


def _after_payment(
    session: Session, donation: Donation, gift: MonthlyGift | None, paid: Paid, now: datetime
) -> DonationState:
    """Write the payment down as it stands now; gives the state that the donation is in with it."""
    as_asked = paid.currency == donation.currency and paid.amount_minor in (
        {donation.amount_minor} if gift is None or paid.is_first else subscribing.asked_amounts(session, donation, gift)
    )
    payment, is_new = ledger.write_payment(session, donation, gift, paid, as_asked=as_asked, now=now)
    if is_new and gift:
        subscribing.note_renewed(session, gift, paid, now=now)
    if is_new and as_asked:
        _give_receipt(session, donation, payment, now)
    elif not as_asked:
        raise_alarm(session, AlarmKind.PAID_DIFFERS, paid.payment_intent, donation_id=donation.id, now=now)
    return _state_with_payments(session, donation)


def _give_receipt(session: Session, donation: Donation, payment: Payment, now: datetime) -> None:
    receipts.issue(session, payment.id, now=now)
    enqueue(
        session,
        MailKind.DONATION_RECEIPT,
        object_id=payment.id,
        recipient_key=donation.email_key,
        language=donation.language,
        now=now,
    )


def _state_with_payments(session: Session, donation: Donation) -> DonationState:
    found = ledger.sums(session, donation)
    if found is None:  # nothing came that was as asked for
        return donation.state if donation.state in _PAID_STATES else _S.PROCESSING
    paid, refunded, disputed = found
    if disputed:
        return _S.DISPUTED
    if refunded >= paid:
        return _S.REFUNDED
    return _S.PARTIALLY_REFUNDED if refunded else _S.SUCCEEDED
