"""The inbox of Stripe's events: each is stored once, taken by one worker, and applied in one transaction.

An event only says that something happened to an object; what happened is asked from Stripe when the event is applied,
so order and repetition do not matter.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

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
COUNTED = "a declined card, which is counted"
BATCH = 10
LEASE = timedelta(minutes=5)  # longer than a batch takes when every call to Stripe times out
MOST_ATTEMPTS = 80  # some three days, as long as Stripe itself goes on


def store(session: Session, notices: Iterable[Notice], *, now: datetime) -> int:
    """Keep the events that are not there yet; gives how many. Types that mean nothing to us are kept as ignored."""
    stored = 0
    insert = (
        insert_into(session, StripeEvent).on_conflict_do_nothing(index_elements=["event_id"]).returning(StripeEvent.id)
    )
    for notice in notices:
        known = notice.type in KNOWN_TYPES
        row = {
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
        is_new = session.connection().execute(insert, row).first() is not None
        stored += is_new
        if is_new and notice.decline:
            note_decline(session, notice.decline, now=now)
    return stored


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would give an event."""
    return anything_due(session, StripeEvent, StripeEvent.state == EventState.RECEIVED, now=now)


def take(session: Session, *, now: datetime) -> list[StripeEvent]:
    """Take a batch of due events for this worker. Commit before asking Stripe about them."""
    due = StripeEvent.state == EventState.RECEIVED
    return lease(session, StripeEvent, due, now=now, limit=BATCH, length=LEASE)


def apply(session: Session, event: StripeEvent, standing: Standing | None, *, now: datetime) -> None:
    """Settle the donation that an event is about and close the event; ignored where it is none of ours.

    Raises settling.Overtaken.
    """
    reason = ""
    donation = settle(session, standing, cause=event.event_id, now=now) if standing else None
    if standing is None:
        reason = "about nothing that was made here"
    elif donation is None:
        reason = "about a donation that is not known here"
    elif event.type == FRAUD_WARNING:
        raise_alarm(session, AlarmKind.FRAUD_WARNING, event.object_id, donation_id=donation.id, now=now)
    session.execute(
        update(StripeEvent)
        .where(StripeEvent.id == event.id)
        .values(
            state=EventState.IGNORED if reason else EventState.PROCESSED,
            ignored_reason=reason,
            processed_at=now,
            error="",
        )
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
