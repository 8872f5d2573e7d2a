"""The ledger: payments, refunds and disputes as Stripe tells of them. The word is absolute, so it may come often."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.core.identifiers import new_public_id
from campaign.donations.alarms import raise_alarm
from campaign.donations.models import (
    TAKEN_BACK,
    TAKES_MONEY,
    AlarmKind,
    Dispute,
    Donation,
    MonthlyGift,
    Payment,
    Refund,
    RefundState,
)
from campaign.donations.standing import DisputeWord, Paid, RefundWord


def write_payment(
    session: Session, donation: Donation, gift: MonthlyGift | None, paid: Paid, *, as_asked: bool, now: datetime
) -> tuple[Payment, bool]:
    """Write a payment down as it stands now, with its refunds and disputes; gives it, and whether it is new.

    The caller holds the donation's row, so nobody else writes about it. A payment of a monthly gift is known by its
    invoice as well: several events tell of it, and it counts once.
    """
    new_id = session.scalar(
        insert_into(session, Payment)
        .values(
            donation_id=donation.id,
            campaign_id=donation.campaign_id,
            payment_intent=paid.payment_intent,
            invoice=paid.invoice,
            amount_minor=paid.amount_minor,
            currency=paid.currency,
            refunded_minor=0,
            disputed_minor=0,
            mismatched=not as_asked,
            paid_at=paid.paid_at,
        )
        .on_conflict_do_nothing()
        .returning(Payment.id)
    )
    same = Payment.payment_intent == paid.payment_intent
    if paid.invoice is not None:
        same = or_(same, Payment.invoice == paid.invoice)
    payment = session.scalars(select(Payment).where(same)).one()
    payment.amount_minor, payment.currency = paid.amount_minor, paid.currency
    payment.charge, payment.mismatched = paid.charge, not as_asked
    payment.invoice = paid.invoice or payment.invoice
    payment.monthly_gift_id = gift.id if gift else payment.monthly_gift_id
    if paid.kept:
        payment.balance_transaction, payment.settled_currency = paid.kept.balance_transaction, paid.kept.currency
        payment.fee_minor, payment.net_minor = paid.kept.fee_minor, paid.kept.net_minor
    for refund in paid.refunds:
        _write_refund(session, payment, refund, now)
    for dispute in paid.disputes:
        _write_dispute(session, payment, dispute, now)
    payment.refunded_minor = _sum(session, Refund, payment, TAKEN_BACK)
    payment.disputed_minor = _sum(session, Dispute, payment, TAKES_MONEY)
    session.flush()
    return payment, new_id is not None


def _sum(session: Session, model: type[Refund] | type[Dispute], payment: Payment, states: frozenset[str]) -> int:
    session.flush()
    found = select(func.sum(model.amount_minor)).where(model.payment_id == payment.id, model.state.in_(states))
    return session.scalar(found) or 0


def _write_refund(session: Session, payment: Payment, word: RefundWord, now: datetime) -> None:
    """A refund that was asked for here is there already, perhaps without Stripe's name for it."""
    asked_here = (Refund.public_id == word.reference) & (Refund.payment_id == payment.id) & Refund.stripe_id.is_(None)
    refund = session.scalar(select(Refund).where(or_(Refund.stripe_id == word.stripe_id, asked_here)))
    if refund is None:
        refund = Refund(
            public_id=new_public_id(),
            payment_id=payment.id,
            state=word.state,
            created_at=word.created_at,
            state_changed_at=now,
            available_at=now,
        )
        session.add(refund)
    sent_back = refund.state in TAKEN_BACK and word.state is RefundState.FAILED
    if refund.state is not word.state:
        refund.state, refund.state_changed_at = word.state, now
    refund.stripe_id, refund.amount_minor, refund.error = word.stripe_id, word.amount_minor, word.error
    if sent_back:
        raise_alarm(session, AlarmKind.REFUND_FAILED, word.stripe_id, donation_id=payment.donation_id, now=now)


def _write_dispute(session: Session, payment: Payment, word: DisputeWord, now: datetime) -> None:
    dispute = session.scalar(select(Dispute).where(Dispute.stripe_id == word.stripe_id))
    if dispute is None:
        dispute = Dispute(
            payment_id=payment.id,
            stripe_id=word.stripe_id,
            state=word.state,
            opened_at=word.opened_at,
            state_changed_at=now,
        )
        session.add(dispute)
    if dispute.state is not word.state:
        dispute.state, dispute.state_changed_at = word.state, now
    dispute.amount_minor, dispute.fee_minor = word.amount_minor, word.fee_minor
    dispute.reason, dispute.due_by = word.reason, word.due_by


def sums(session: Session, donation: Donation) -> tuple[int, int, int] | None:
    """Of a donation's payments that were as asked for: paid, given back, contested. None where there is none."""
    paid, refunded, disputed = session.execute(
        select(
            func.sum(Payment.amount_minor), func.sum(Payment.refunded_minor), func.sum(Payment.disputed_minor)
        ).where(Payment.donation_id == donation.id, Payment.mismatched.is_(False))
    ).one()
    return None if paid is None else (int(paid), int(refunded), int(disputed))
