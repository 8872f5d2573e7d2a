"""Changing a monthly gift: what the donor or an admin wants is a row, kept and tried again until Stripe has done it."""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from campaign.core.errors import Closed, NotFound
from campaign.core.identifiers import new_public_id
from campaign.core.leases import anything_due, lease, pause_after
from campaign.donations.alarms import raise_alarm
from campaign.donations.models import (
    AlarmKind,
    ChangeKind,
    ChangeState,
    MonthlyGift,
    MonthlyGiftChange,
    MonthlyGiftState,
)

BATCH = 10
LEASE = timedelta(minutes=5)  # longer than a batch takes when every call to Stripe times out
STUCK_AFTER = 12  # attempts, more than an hour, after which a person is told

_older = aliased(MonthlyGiftChange)
# In the order in which they were asked for, except that nothing holds up an end.
_DUE = and_(
    MonthlyGiftChange.state == ChangeState.WANTED,
    or_(
        MonthlyGiftChange.kind == ChangeKind.CANCEL,
        ~exists().where(
            _older.monthly_gift_id == MonthlyGiftChange.monthly_gift_id,
            _older.state == ChangeState.WANTED,
            _older.id < MonthlyGiftChange.id,
        ),
    ),
)


def get_gift(session: Session, public_id: str) -> MonthlyGift:
    """The monthly gift of that public id. Raises NotFound."""
    gift = session.scalar(select(MonthlyGift).where(MonthlyGift.public_id == public_id))
    if gift is None:
        raise NotFound(public_id)
    return gift


def ask_change(
    session: Session,
    gift_id: int,
    kind: ChangeKind,
    *,
    asked_by: str,
    now: datetime,
    amount_minor: int | None = None,
) -> MonthlyGiftChange:
    """Note what is wanted of a monthly gift; wanting the same twice is wanting it once.

    From the moment that an end was asked for nothing may be charged, whatever Stripe does. `asked_by` is `donor` or a
    staff member's address. Raises Closed for a gift that is over, or about to be.
    """
    gift = session.scalars(
        select(MonthlyGift).where(MonthlyGift.id == gift_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    waiting = list(
        session.scalars(
            select(MonthlyGiftChange)
            .where(MonthlyGiftChange.monthly_gift_id == gift.id, MonthlyGiftChange.state == ChangeState.WANTED)
            .order_by(MonthlyGiftChange.id)
        )
    )
    for change in waiting:
        if change.kind is ChangeKind.CANCEL and kind is ChangeKind.CANCEL:
            return change
    if gift.state is MonthlyGiftState.CANCELED or gift.cancel_asked_at is not None:
        raise Closed("This monthly gift has ended.")
    if waiting and (waiting[-1].kind, waiting[-1].amount_minor) == (kind, amount_minor):
        return waiting[-1]
    for change in waiting:
        if change.attempts == 0 and _undoes(kind, change.kind):
            change.state = ChangeState.SUPERSEDED
    change = MonthlyGiftChange(
        public_id=new_public_id(), monthly_gift_id=gift.id, kind=kind, amount_minor=amount_minor,
        state=ChangeState.WANTED, asked_by=asked_by, created_at=now, available_at=now,
    )  # fmt: skip
    session.add(change)
    if kind is ChangeKind.CANCEL:
        gift.cancel_asked_at = now
    session.flush()
    return change


def _undoes(new: ChangeKind, old: ChangeKind) -> bool:
    """True where a wish makes an earlier one, of which Stripe has not heard, pointless."""
    pauses = {ChangeKind.PAUSE, ChangeKind.RESUME}
    return new is ChangeKind.CANCEL or new is old or {new, old} == pauses


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would give a change."""
    return anything_due(session, MonthlyGiftChange, _DUE, now=now)


def take(session: Session, *, now: datetime) -> list[tuple[MonthlyGiftChange, MonthlyGift]]:
    """Take due changes for this worker, each with its gift. Commit before asking Stripe."""
    taken = lease(session, MonthlyGiftChange, _DUE, now=now, limit=BATCH, length=LEASE)
    ids = {change.monthly_gift_id for change in taken}
    gifts = {gift.id: gift for gift in session.scalars(select(MonthlyGift).where(MonthlyGift.id.in_(ids)))}
    return [(change, gifts[change.monthly_gift_id]) for change in taken]


def note_done(session: Session, change: MonthlyGiftChange, *, now: datetime) -> None:
    """Stripe has done it."""
    _close(session, change, ChangeState.DONE, now, error="")


def note_refused(session: Session, change: MonthlyGiftChange, gift: MonthlyGift, error: str, *, now: datetime) -> None:
    """Stripe will not do it: a person has to know that the gift goes on as it was."""
    if _close(session, change, ChangeState.REFUSED, now, error=error):
        raise_alarm(session, AlarmKind.CHANGE_REFUSED, change.public_id, donation_id=gift.donation_id, now=now)


def _close(session: Session, change: MonthlyGiftChange, state: ChangeState, now: datetime, *, error: str) -> bool:
    closed = session.scalar(
        update(MonthlyGiftChange)
        .where(MonthlyGiftChange.id == change.id, MonthlyGiftChange.state == ChangeState.WANTED)
        .values(state=state, error=error, done_at=now if state is ChangeState.DONE else None)
        .returning(MonthlyGiftChange.id)
    )
    return closed is not None


def put_off(session: Session, change: MonthlyGiftChange, gift: MonthlyGift, error: str, *, now: datetime) -> None:
    """Try again after a pause that doubles. It is never given up, but after an hour a person is told."""
    session.execute(
        update(MonthlyGiftChange)
        .where(MonthlyGiftChange.id == change.id, MonthlyGiftChange.state == ChangeState.WANTED)
        .values(error=error, available_at=now + pause_after(change.attempts))
    )
    if change.attempts >= STUCK_AFTER:
        raise_alarm(session, AlarmKind.CHANGE_REFUSED, change.public_id, donation_id=gift.donation_id, now=now)
