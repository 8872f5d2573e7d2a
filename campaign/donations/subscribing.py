"""Monthly gifts as Stripe tells of them: the gift itself, its renewals, and those that failed."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.core.identifiers import new_public_id
from campaign.donations.alarms import raise_alarm
from campaign.donations.models import (
    AlarmKind,
    ChangeKind,
    ChangeState,
    Donation,
    FailedRenewal,
    MonthlyGift,
    MonthlyGiftChange,
    MonthlyGiftState,
)
from campaign.donations.standing import GiftWord, Paid, UnpaidInvoice
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue

STRIPE = "stripe"  # who changed what nobody asked for here


def write_gift(session: Session, donation: Donation, word: GiftWord, *, now: datetime) -> MonthlyGift:
    """Write a monthly gift down as it stands now; gives it. The caller holds the donation's row."""
    session.execute(
        insert_into(session, MonthlyGift)
        .values(
            public_id=new_public_id(),
            donation_id=donation.id,
            campaign_id=donation.campaign_id,
            email_key=donation.email_key,
            subscription=word.subscription,
            customer=word.customer,
            state=MonthlyGiftState.STARTING,
            amount_minor=word.amount_minor,
            currency=word.currency,
            started_at=word.started_at,
            canceled_by="",
            state_changed_at=now,
        )
        .on_conflict_do_nothing(index_elements=["subscription"])
    )
    gift = session.scalars(
        select(MonthlyGift)
        .where(MonthlyGift.subscription == word.subscription)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if gift.amount_minor != word.amount_minor:
        _note_amount(session, gift, word.amount_minor, now)
    gift.renews_at = word.renews_at
    if gift.state is not word.state:
        gift.state, gift.state_changed_at = word.state, now
    if word.state is MonthlyGiftState.CANCELED and gift.canceled_at is None:
        _end(session, gift, word.canceled_at or now)
    session.flush()
    return gift


def _note_amount(session: Session, gift: MonthlyGift, amount_minor: int, now: datetime) -> None:
    """A new amount; where nobody asked for it here, it was changed in Stripe's dashboard."""
    gift.amount_minor = amount_minor
    asked = session.scalar(
        select(MonthlyGiftChange.id).where(
            MonthlyGiftChange.monthly_gift_id == gift.id,
            MonthlyGiftChange.kind == ChangeKind.AMOUNT,
            MonthlyGiftChange.amount_minor == amount_minor,
            MonthlyGiftChange.state.in_((ChangeState.WANTED, ChangeState.DONE)),
        )
    )
    if asked is None:
        session.add(
            MonthlyGiftChange(
                monthly_gift_id=gift.id, kind=ChangeKind.AMOUNT, amount_minor=amount_minor, state=ChangeState.DONE,
                asked_by=STRIPE, created_at=now, done_at=now, available_at=now,
            )
        )  # fmt: skip


def _end(session: Session, gift: MonthlyGift, canceled_at: datetime) -> None:
    """The gift is over: the wish to end it is fulfilled, and every other wish has lost its object."""
    changes = select(MonthlyGiftChange).where(
        MonthlyGiftChange.monthly_gift_id == gift.id, MonthlyGiftChange.state == ChangeState.WANTED
    )
    asked_by = session.scalar(
        select(MonthlyGiftChange.asked_by)
        .where(MonthlyGiftChange.monthly_gift_id == gift.id, MonthlyGiftChange.kind == ChangeKind.CANCEL)
        .order_by(MonthlyGiftChange.id)
        .limit(1)
    )
    gift.canceled_at, gift.canceled_by, gift.renews_at = canceled_at, asked_by or STRIPE, None
    for change in session.scalars(changes):
        done = change.kind is ChangeKind.CANCEL
        change.state = ChangeState.DONE if done else ChangeState.SUPERSEDED
        change.done_at = canceled_at if done else None


def asked_amounts(session: Session, donation: Donation, gift: MonthlyGift) -> set[int]:
    """What a renewal may have been: the first amount, and each that was ever asked for."""
    asked = session.scalars(
        select(MonthlyGiftChange.amount_minor).where(
            MonthlyGiftChange.monthly_gift_id == gift.id,
            MonthlyGiftChange.kind == ChangeKind.AMOUNT,
            MonthlyGiftChange.state.in_((ChangeState.WANTED, ChangeState.DONE, ChangeState.SUPERSEDED)),
        )
    )
    return {donation.amount_minor, *(amount for amount in asked if amount is not None)}


def note_failed_renewal(
    session: Session, donation: Donation, gift: MonthlyGift, unpaid: UnpaidInvoice, *, now: datetime
) -> None:
    """Note an invoice that could not be charged. The donor is told at its first failure, not at each new try."""
    new_id = session.scalar(
        insert_into(session, FailedRenewal)
        .values(
            monthly_gift_id=gift.id,
            invoice=unpaid.invoice,
            amount_minor=unpaid.amount_minor,
            currency=unpaid.currency,
            next_attempt_at=unpaid.next_attempt_at,
            failed_at=now,
        )
        .on_conflict_do_nothing(index_elements=["invoice"])
        .returning(FailedRenewal.id)
    )
    if new_id is None:
        session.execute(
            update(FailedRenewal)
            .where(FailedRenewal.invoice == unpaid.invoice)
            .values(next_attempt_at=unpaid.next_attempt_at)
        )
        return
    enqueue(
        session,
        MailKind.RENEWAL_FAILED,
        object_id=new_id,
        recipient_key=donation.email_key,
        language=donation.language,
        now=now,
    )


def note_renewed(session: Session, gift: MonthlyGift, paid: Paid, *, now: datetime) -> None:
    """A month was paid: what failed before is mended. One charged after the gift was ended is an alarm."""
    session.execute(
        update(FailedRenewal)
        .where(FailedRenewal.invoice == paid.invoice)
        .values(paid_at=paid.paid_at, next_attempt_at=None)
    )
    ended = [moment for moment in (gift.cancel_asked_at, gift.canceled_at) if moment is not None]
    if ended and paid.paid_at > min(ended):
        raise_alarm(session, AlarmKind.CHARGED_AFTER_CANCEL, paid.payment_intent, donation_id=gift.donation_id, now=now)
