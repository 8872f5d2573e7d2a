"""Settling: the one place that moves a donation's state and writes payments, always on Stripe's word.

The word is absolute ("so much arrived, so much went back"), so the same news twenty times, late or in any order, ends
in the same rows. Late news never undoes a success.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.donations import receipts
from campaign.donations.models import Donation, DonationState, Payment
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


def settle(session: Session, standing: Standing, *, now: datetime) -> Donation | None:
    """Apply what Stripe says of a donation; gives the donation, or None where it is none of ours.

    Raises Overtaken where the answer may be older than the last one applied. Of every payment that arrives as asked
    for, a receipt is queued, once. A payment of another amount or currency is kept, flagged, not counted, and leaves
    the donation `processing` until somebody has looked at it.
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
    if standing.paid is None and donation.checkout_session not in (None, standing.checkout_session):
        return donation  # an earlier checkout, given up for the present one
    donation.told_at = now
    if donation.checkout_session is None and standing.checkout_session is not None:
        donation.checkout_session = standing.checkout_session
        donation.checkout_url = standing.checkout_url
    target = _after_payment(session, donation, standing.paid, now) if standing.paid else standing.state
    if standing.paid or target in _UNPAID_MOVES.get(donation.state, ()):
        _move(donation, target, now)
    session.flush()
    return donation


def _move(donation: Donation, target: DonationState, now: datetime) -> None:
    if donation.state is not target:
        donation.state = target
        donation.state_changed_at = now


def _after_payment(session: Session, donation: Donation, paid: Paid, now: datetime) -> DonationState:
    """Write the payment down as it stands now; gives the state that the donation is in with it."""
    as_asked = (paid.amount_minor, paid.currency) == (donation.amount_minor, donation.currency)
    values = {
        "amount_minor": paid.amount_minor,
        "currency": paid.currency,
        "refunded_minor": paid.refunded_minor,
        "disputed_minor": paid.amount_minor - paid.refunded_minor if paid.disputed else 0,
        "mismatched": not as_asked,
    }
    is_new = session.scalar(
        insert_into(session, Payment)
        .values(
            donation_id=donation.id,
            campaign_id=donation.campaign_id,
            payment_intent=paid.payment_intent,
            paid_at=paid.paid_at,
            **values,
        )
        .on_conflict_do_nothing(index_elements=["payment_intent"])
        .returning(Payment.id)
    )
    if is_new is None:
        session.execute(update(Payment).where(Payment.payment_intent == paid.payment_intent).values(**values))
    if not as_asked:
        return donation.state if donation.state in _PAID_STATES else _S.PROCESSING
    if is_new is not None:
        receipts.issue(session, is_new, now=now)
        enqueue(
            session,
            MailKind.DONATION_RECEIPT,
            object_id=is_new,
            recipient_key=donation.email_key,
            language=donation.language,
            now=now,
        )
    return _paid_state(paid)


def _paid_state(paid: Paid) -> DonationState:
    if paid.disputed:
        return _S.DISPUTED
    if paid.refunded_minor >= paid.amount_minor:
        return _S.REFUNDED
    return _S.PARTIALLY_REFUNDED if paid.refunded_minor else _S.SUCCEEDED
