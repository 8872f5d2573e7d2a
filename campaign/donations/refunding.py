"""Giving money back: asked for here as a row, done at Stripe by the worker, and only Stripe's word makes it so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.errors import DomainError
from campaign.core.identifiers import new_public_id
from campaign.core.leases import anything_due, lease, pause_after
from campaign.donations.alarms import raise_alarm
from campaign.donations.models import (
    TAKEN_BACK,
    UNDER_WAY,
    AlarmKind,
    Dispute,
    DisputeState,
    Donation,
    Payment,
    Refund,
    RefundState,
)

BATCH = 10
LEASE = timedelta(minutes=5)  # longer than a batch takes when every call to Stripe times out
STUCK_AFTER = 12  # attempts, more than an hour, after which a person is told
_LIVE = TAKEN_BACK | {RefundState.WANTED}


class RefundRefused(DomainError):
    """A refund that may not be asked for."""


class UnderDispute(RefundRefused):
    """The bank is deciding; a refund now would pay the money back twice."""


class TooMuch(RefundRefused):
    """More than is left of the payment. `left_minor` says how much that is."""

    def __init__(self, left_minor: int) -> None:
        super().__init__("This is more than is left of the payment.")
        self.left_minor = left_minor


@dataclass(frozen=True)
class Wish:
    """A refund as an admin asks for it: how much of which payment, and why."""

    payment_id: int
    amount_minor: int
    reason: str


def left_to_refund(session: Session, payment: Payment) -> int:
    """What of a payment could still be given back: not what went or is going back, nor what a dispute took for good."""
    going = select(func.sum(Refund.amount_minor)).where(Refund.payment_id == payment.id, Refund.state.in_(_LIVE))
    lost = select(func.sum(Dispute.amount_minor)).where(
        Dispute.payment_id == payment.id, Dispute.state == DisputeState.LOST
    )
    return payment.amount_minor - (session.scalar(going) or 0) - (session.scalar(lost) or 0)


def is_under_dispute(session: Session, payment: Payment) -> bool:
    """True while a bank decides about the payment."""
    found = select(Dispute.id).where(Dispute.payment_id == payment.id, Dispute.state.in_(UNDER_WAY)).limit(1)
    return session.scalar(found) is not None


def ask_refund(session: Session, donation: Donation, wish: Wish, *, form_key: str, actor: str, now: datetime) -> Refund:
    """Note that money is to go back; the same form twice notes it once. It is in the trail.

    Raises UnderDispute, TooMuch. The payment must be one of the donation's.
    """
    # Whoever holds the donation's row writes about its payments, so two refunds cannot both take the same money.
    session.execute(select(Donation.id).where(Donation.id == donation.id).with_for_update())
    before = session.scalar(select(Refund).where(Refund.form_key == form_key))
    if before is not None:
        return before
    payment = session.scalars(
        select(Payment)
        .where(Payment.id == wish.payment_id, Payment.donation_id == donation.id)
        .execution_options(populate_existing=True)
    ).one()
    if is_under_dispute(session, payment):
        raise UnderDispute("The donor's bank is deciding about this payment. Nothing can be given back meanwhile.")
    left = left_to_refund(session, payment)
    if not 0 < wish.amount_minor <= left:
        raise TooMuch(left)
    refund = Refund(
        public_id=new_public_id(),
        payment_id=payment.id,
        form_key=form_key,
        state=RefundState.WANTED,
        amount_minor=wish.amount_minor,
        reason=wish.reason,
        requested_by=actor,
        created_at=now,
        state_changed_at=now,
        available_at=now,
    )
    session.add(refund)
    record(
        session, actor=actor, action="donation.refunded", object_type="donation", object_id=donation.public_id,
        now=now, campaign_id=donation.campaign_id, reason=wish.reason, amount_minor=wish.amount_minor,
        currency=payment.currency,
    )  # fmt: skip
    session.flush()
    return refund


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would give a refund."""
    return anything_due(session, Refund, Refund.state == RefundState.WANTED, now=now)


def take(session: Session, *, now: datetime) -> list[tuple[Refund, str]]:
    """Take due refunds for this worker, each with its payment intent. Commit before asking Stripe."""
    taken = lease(session, Refund, Refund.state == RefundState.WANTED, now=now, limit=BATCH, length=LEASE)
    intents = dict(
        session.execute(
            select(Payment.id, Payment.payment_intent).where(Payment.id.in_([refund.payment_id for refund in taken]))
        ).all()
    )
    return [(refund, intents[refund.payment_id]) for refund in taken]


def note_refused(session: Session, refund: Refund, error: str, *, now: datetime) -> None:
    """Stripe will not do it, and did not do it at an earlier try: a person has to know."""
    refused = session.scalar(
        update(Refund)
        .where(Refund.id == refund.id, Refund.state == RefundState.WANTED)
        .values(state=RefundState.REFUSED, error=error, state_changed_at=now)
        .returning(Refund.id)
    )
    if refused is not None:
        _alarm(session, AlarmKind.REFUND_REFUSED, refund, now)


def put_off(session: Session, refund: Refund, error: str, *, now: datetime) -> None:
    """Try again after a pause that doubles. It is never given up, but after an hour a person is told."""
    session.execute(
        update(Refund)
        .where(Refund.id == refund.id, Refund.state == RefundState.WANTED)
        .values(error=error, available_at=now + pause_after(refund.attempts))
    )
    if refund.attempts >= STUCK_AFTER:
        _alarm(session, AlarmKind.REFUND_REFUSED, refund, now)


def _alarm(session: Session, kind: AlarmKind, refund: Refund, now: datetime) -> None:
    donation_id = session.scalar(select(Payment.donation_id).where(Payment.id == refund.payment_id))
    raise_alarm(session, kind, refund.public_id, donation_id=donation_id, now=now)
