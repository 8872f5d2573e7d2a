"""Comparing our ledger with Stripe's: what moved the balance there must stand here, and what does not is listed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.database import insert_into
from campaign.core.errors import NotFound
from campaign.core.leases import anything_due, lease, pause_after
from campaign.donations.models import (
    TAKEN_BACK,
    TAKES_MONEY,
    Dispute,
    DisputeState,
    Donation,
    MonthlyGift,
    Payment,
    Refund,
    RefundState,
    SyncRun,
    SyncState,
    UnmatchedObject,
)
from campaign.donations.standing import GiftWord, Movement

TIMETABLE = "timetable"
LEASE = timedelta(minutes=30)
OVERLAP = timedelta(days=2)  # with the comparison before
MOST_ATTEMPTS = 5
# What a movement says happened stays true when it is taken back later: that is another movement.
_REFUNDED = TAKEN_BACK | {RefundState.FAILED, RefundState.CANCELED}
_DISPUTED = TAKES_MONEY | {DisputeState.WON}


def strays(session: Session, movements: Sequence[Movement]) -> list[Movement]:
    """Those movements that our ledger does not show as Stripe does; three statements whatever their number."""
    ids: dict[str, list[str]] = {"charge": [], "refund": [], "dispute": []}
    for movement in movements:
        ids[movement.kind].append(movement.source)
    payments = {
        charge: (transaction, currency, amount)
        for charge, transaction, currency, amount in session.execute(
            select(Payment.charge, Payment.balance_transaction, Payment.currency, Payment.amount_minor).where(
                Payment.charge.in_(ids["charge"])
            )
        )
    }
    refunds = dict(
        session.execute(select(Refund.stripe_id, Refund.state).where(Refund.stripe_id.in_(ids["refund"]))).all()
    )
    disputes = dict(
        session.execute(select(Dispute.stripe_id, Dispute.state).where(Dispute.stripe_id.in_(ids["dispute"]))).all()
    )

    def stands(movement: Movement) -> bool:
        if movement.kind == "refund":
            failed = movement.category == "refund_failure"
            return refunds.get(movement.source) in ({RefundState.FAILED, RefundState.CANCELED} if failed else _REFUNDED)
        if movement.kind == "dispute":
            returned = movement.category == "dispute_reversal"
            return disputes.get(movement.source) in ({DisputeState.WON} if returned else _DISPUTED)
        transaction, currency, amount = payments.get(movement.source, (None, "", 0))
        # In another currency than the donor's Stripe has changed the money, at a rate of its own.
        as_much = currency != movement.currency or amount == movement.amount_minor
        return transaction == movement.balance_transaction and as_much

    return [movement for movement in movements if not stands(movement)]


def strange_gifts(session: Session, words: Sequence[GiftWord]) -> list[GiftWord]:
    """Those subscriptions that do not stand here as they do at Stripe."""
    names = [word.subscription for word in words]
    known = {
        subscription: (state, amount_minor)
        for subscription, state, amount_minor in session.execute(
            select(MonthlyGift.subscription, MonthlyGift.state, MonthlyGift.amount_minor).where(
                MonthlyGift.subscription.in_(names)
            )
        )
    }
    return [word for word in words if known.get(word.subscription) != (word.state, word.amount_minor)]


def known_gifts(session: Session, words: Sequence[GiftWord]) -> set[str]:
    """Those subscriptions that stand here, however."""
    names = [word.subscription for word in words]
    return set(session.scalars(select(MonthlyGift.subscription).where(MonthlyGift.subscription.in_(names))))


def unseen_payments(session: Session, *, since: datetime, until: datetime, seen: set[str]) -> list[Payment]:
    """Payments of ours from a period whose charges Stripe's balance does not show."""
    found = session.scalars(select(Payment).where(Payment.paid_at >= since, Payment.paid_at < until))
    return [payment for payment in found if payment.charge not in seen]


def list_unmatched(session: Session, found: Iterable[UnmatchedObject]) -> int:
    """Note what matches nothing, unless it is noted already; gives how many are new."""
    new = 0
    for one in found:
        row_id = session.scalar(
            insert_into(session, UnmatchedObject)
            .values(
                kind=one.kind,
                stripe_id=one.stripe_id,
                amount_minor=one.amount_minor,
                currency=one.currency,
                happened_at=one.happened_at,
                first_seen_at=one.first_seen_at,
                resolved_by="",
                note="",
            )
            .on_conflict_do_nothing(index_elements=["stripe_id"])
            .returning(UnmatchedObject.id)
        )
        new += row_id is not None
    return new


def note_matched(session: Session, stripe_ids: Sequence[str], *, now: datetime) -> None:
    """Take off the list what has found its place."""
    session.execute(
        update(UnmatchedObject)
        .where(UnmatchedObject.stripe_id.in_(stripe_ids), UnmatchedObject.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by="sync")
    )


def resolve(session: Session, stripe_id: str, *, actor: str, note: str, now: datetime) -> None:
    """Say what an unmatched object is, which takes it off the list; a second time changes nothing. Raises NotFound."""
    found = session.scalar(select(UnmatchedObject).where(UnmatchedObject.stripe_id == stripe_id).with_for_update())
    if found is None:
        raise NotFound(stripe_id)
    if found.resolved_at is None:
        found.resolved_at, found.resolved_by, found.note = now, actor, note
        record(
            session, actor=actor, action="unmatched.resolved", object_type=found.kind, object_id=stripe_id, now=now,
            reason=note,
        )  # fmt: skip


def looks_back_to(session: Session, *, days: int, now: datetime) -> datetime:
    """From when on to compare: so many days, and further where none was made meanwhile, so that no time is left out.

    Where none was ever finished, that is since the first gift.
    """
    last = session.scalar(select(func.max(SyncRun.created_at)).where(SyncRun.state == SyncState.DONE))
    last = last or session.scalar(select(func.min(Donation.created_at)))
    wanted = now - timedelta(days=days)
    return wanted if last is None else min(wanted, last - OVERLAP)


def is_asked(session: Session, slot: str) -> bool:
    """True where the comparison of this slot was asked for already."""
    return bool(session.scalar(select(exists().where(SyncRun.slot == slot))))


def ask(
    session: Session, slot: str, *, days: int, asked_by: str, now: datetime, available_at: datetime | None = None
) -> bool:
    """Ask for a comparison, once for each slot: two timetables want the same one. True where it is new."""
    row_id = session.scalar(
        insert_into(session, SyncRun)
        .values(
            slot=slot,
            days=days,
            asked_by=asked_by,
            state=SyncState.WANTED,
            created_at=now,
            available_at=available_at or now,
            attempts=0,
            missed_events=0,
            settled=0,
            unmatched=0,
            error="",
        )
        .on_conflict_do_nothing(index_elements=["slot"])
        .returning(SyncRun.id)
    )
    return row_id is not None


def get_run(session: Session, slot: str) -> SyncRun:
    """The comparison of a slot, which was asked for."""
    return session.scalars(select(SyncRun).where(SyncRun.slot == slot)).one()


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would give a comparison."""
    return anything_due(session, SyncRun, SyncRun.state == SyncState.WANTED, now=now)


def take(session: Session, *, now: datetime) -> list[SyncRun]:
    """Take the oldest comparison that is due. Commit before asking Stripe."""
    return lease(session, SyncRun, SyncRun.state == SyncState.WANTED, now=now, limit=1, length=LEASE)


def note_done(session: Session, run: SyncRun, *, missed: int, settled: int, unmatched: int, now: datetime) -> None:
    """Note what a comparison found."""
    session.execute(
        update(SyncRun)
        .where(SyncRun.id == run.id)
        .values(
            state=SyncState.DONE, finished_at=now, missed_events=missed, settled=settled, unmatched=unmatched, error=""
        )
    )


def put_off(session: Session, run: SyncRun, error: str, *, now: datetime) -> None:
    """Try again after a pause; after some attempts leave it, for the next one looks as far back."""
    state = SyncState.FAILED if run.attempts >= MOST_ATTEMPTS else SyncState.WANTED
    session.execute(
        update(SyncRun)
        .where(SyncRun.id == run.id)
        .values(state=state, error=error, available_at=now + pause_after(run.attempts))
    )
