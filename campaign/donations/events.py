"""The inbox of Stripe's events: each is stored once, taken by one worker, and applied in one transaction.

An event only says that something happened to an object; what happened is asked from Stripe when the event is applied,
so order and repetition do not matter.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.core.errors import NotFound
from campaign.core.leases import anything_due, lease, pause_after
from campaign.donations.alarms import raise_alarm
from campaign.donations.card_testing import note_decline
from campaign.donations.models import AlarmKind, EventState, StripeEvent
from campaign.donations.settling import settle
from campaign.donations.standing import Notice, Standing

FRAUD_WARNING = "radar.early_fraud_warning.created"
# Stripe lists events of at most 20 types at once.
KNOWN_TYPES = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "invoice.paid",
        "invoice.payment_failed",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "charge.updated",  # brings the fee, which Stripe does not know at first
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        FRAUD_WARNING,
    }
)
NO_USE = "a type that has no use here"
FOREIGN = "about nothing that was made here"
COUNTED = "a declined card, which is counted"
BATCH = 10
LEASE = timedelta(minutes=5)  # longer than a batch takes when every call to Stripe times out
MOST_ATTEMPTS = 80  # some three days, as long as Stripe itself goes on


def store(session: Session, notices: Iterable[Notice], *, now: datetime) -> int:
    """Keep the events that are not there yet; gives how many. Types that mean nothing to us are kept as ignored."""
    declines, rows = {}, []
    for notice in notices:
        rows.append(_row(notice, now))
        if notice.decline:
            declines[notice.event_id] = notice.decline
    if not rows:
        return 0
    insert = insert_into(session, StripeEvent).values(rows).on_conflict_do_nothing(index_elements=["event_id"])
    new = session.connection().execute(insert.returning(StripeEvent.event_id)).scalars().all()
    for event_id in new:
        if event_id in declines:
            note_decline(session, declines[event_id], now=now)
    return len(new)


def _row(notice: Notice, now: datetime) -> dict[str, Any]:
    known = notice.type in KNOWN_TYPES
    return {
        "event_id": notice.event_id,
        "type": notice.type,
        "object_type": notice.object_type,
        "object_id": notice.object_id,
        "state": EventState.RECEIVED if known else EventState.IGNORED,
        "ignored_reason": "" if known else COUNTED if notice.decline else NO_USE,
        "received_at": now,
        "available_at": now,
        "attempts": 0,
        "error": "",
    }


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would give an event."""
    return anything_due(session, StripeEvent, StripeEvent.state == EventState.RECEIVED, now=now)


def take(session: Session, *, now: datetime) -> list[StripeEvent]:
    """Take a batch of due events for this worker. Commit before asking Stripe about them."""
    due = StripeEvent.state == EventState.RECEIVED
    return lease(session, StripeEvent, due, now=now, limit=BATCH, length=LEASE)


def apply(session: Session, event: StripeEvent, standing: Standing, *, now: datetime) -> None:
    """Settle the donation that an event is about and close the event; ignored where the donation is none of ours.

    Raises settling.Overtaken.
    """
    donation = settle(session, standing, cause=event.event_id, now=now)
    if donation is None:
        ignore(session, [event], "about a donation that is not known here", now=now)
        return
    if event.type == FRAUD_WARNING:
        raise_alarm(session, AlarmKind.FRAUD_WARNING, event.object_id, donation_id=donation.id, now=now)
    _close(session, [event], EventState.PROCESSED, "", now=now)


def ignore(session: Session, events: Sequence[StripeEvent], reason: str, *, now: datetime) -> None:
    """Close events that are none of ours."""
    _close(session, events, EventState.IGNORED, reason, now=now)


def _close(session: Session, events: Sequence[StripeEvent], state: EventState, reason: str, *, now: datetime) -> None:
    session.execute(
        update(StripeEvent)
        .where(StripeEvent.id.in_([event.id for event in events]))
        .values(state=state, ignored_reason=reason, processed_at=now, error="")
    )


def put_off(session: Session, event: StripeEvent, error: str, *, now: datetime) -> None:
    """Note why an event could not be applied, and try again after a pause that doubles; after three days, give up."""
    state = EventState.FAILED if event.attempts >= MOST_ATTEMPTS else EventState.RECEIVED
    session.execute(
        update(StripeEvent)
        .where(StripeEvent.id == event.id)
        .values(state=state, error=error, available_at=now + pause_after(event.attempts))
    )


def replay(session: Session, event_id: str, *, now: datetime) -> None:
    """Make a stored event due again, whatever became of it. Raises NotFound."""
    found = session.scalar(
        update(StripeEvent)
        .where(StripeEvent.event_id == event_id)
        .values(state=EventState.RECEIVED, available_at=now, attempts=0, error="", ignored_reason="", processed_at=None)
        .returning(StripeEvent.id)
    )
    if found is None:
        raise NotFound(event_id)
