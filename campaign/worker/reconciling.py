"""Comparing with Stripe: events that never came, gifts that never settled, and every movement of the balance.

Each run is a row; the timetable asks for one each hour, which looks back two days, and for one each day, which looks
back as far as Stripe keeps events. What matches nothing of ours is listed for a person.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import reconciling
from campaign.donations.gateway import Gateway, GatewayError, GatewayUnavailable
from campaign.donations.models import MonthlyGiftState, SyncRun, UnmatchedObject
from campaign.donations.settling import Overtaken, settle
from campaign.donations.standing import Movement
from campaign.worker.payments import apply_all, ask_again, fetch_missed_events

log = logging.getLogger(__name__)

PAGE = 100
LONGEST_DAYS = 30  # how long Stripe keeps events
HOURLY_DAYS = 2
STILL_MOVING = timedelta(minutes=10)  # what is younger may only not have been told of yet


@dataclass(frozen=True)
class Findings:
    """What a comparison found."""

    missed_events: int
    applied: int
    settled: int
    unmatched: int


def reconcile_due(gateway: Gateway) -> int:
    """Ask for what the timetable wants, and run one comparison that is due; gives how many were run."""
    now = clock.now()
    for slot, days in ((f"hour {now:%Y-%m-%d %H}", HOURLY_DAYS), (f"day {now:%Y-%m-%d}", LONGEST_DAYS)):
        if not reconciling.is_asked(db.session(), slot):
            with transaction() as session:
                reconciling.ask(session, slot, days=days, asked_by=reconciling.TIMETABLE, now=now)
    if not reconciling.is_anything_due(db.session(), now=now):
        return 0
    with transaction() as session:
        taken = reconciling.take(session, now=now)
    for run in taken:
        _run(gateway, run)
    return len(taken)


def _run(gateway: Gateway, run: SyncRun) -> None:
    try:
        _reconcile(gateway, run)
    except GatewayError as error:
        log.warning("comparison with Stripe put off: %s", error)
    except Exception:
        log.exception("comparison with Stripe failed")


def run_slot(gateway: Gateway, slot: str) -> Findings:
    """Run the comparison of a slot here and now. Raises GatewayError."""
    with transaction() as session:  # its rows stay readable, and none is open while Stripe is asked
        run = reconciling.get_run(session, slot)
    return _reconcile(gateway, run)


def _reconcile(gateway: Gateway, run: SyncRun) -> Findings:
    """Run a comparison and note on its row what came of it."""
    try:
        found = reconcile(gateway, days=run.days)
    except Exception as error:
        with transaction() as session:
            reconciling.put_off(session, run, type(error).__name__, now=clock.now())
        raise
    with transaction() as session:
        reconciling.note_done(
            session,
            run,
            missed=found.missed_events,
            settled=found.settled,
            unmatched=found.unmatched,
            now=clock.now(),
        )
    return found


def reconcile(gateway: Gateway, *, days: int) -> Findings:
    """Compare with Stripe, so many days back at least, and mend what can be mended. Raises GatewayError."""
    since = reconciling.looks_back_to(db.session(), days=days, now=clock.now())
    db.session.rollback()
    missed = fetch_missed_events(gateway, since)
    applied = apply_all(gateway)
    settled = ask_again(gateway)
    more, unmatched = _compare_movements(gateway, since)
    gifts, strange = _compare_gifts(gateway)
    return Findings(missed, applied, settled + more + gifts, unmatched + strange)


def _compare_movements(gateway: Gateway, since: datetime) -> tuple[int, int]:
    """Settle what the balance shows and we do not; gives how many were settled, and how many match nothing."""
    movements = list(gateway.movements_since(since))
    settled = unmatched = 0
    for start in range(0, len(movements), PAGE):
        page = movements[start : start + PAGE]
        missing = reconciling.strays(db.session(), page)
        db.session.rollback()  # no transaction stays open while Stripe is asked
        intents = {movement.payment_intent for movement in missing if movement.payment_intent}
        settled += sum(_ask_about(gateway, intent) for intent in sorted(intents))
        still = reconciling.strays(db.session(), missing)
        unmatched += _note(page, still)
    seen = {movement.source for movement in movements if movement.kind == "charge"}
    return settled, unmatched + _note_unseen(since, seen)


def _ask_about(gateway: Gateway, object_id: str) -> bool:
    """Ask about one object and write the answer down; true where it was about a gift of ours."""
    try:
        standing = gateway.standing(object_id)
        if standing is None:
            return False
        with transaction() as session:
            return settle(session, standing, cause="sync", now=clock.now()) is not None
    except GatewayUnavailable:
        raise
    except (GatewayError, Overtaken) as error:
        log.warning("%s could not be looked up: %s", object_id, error)
        return False


def _note(page: Sequence[Movement], unmatched: Sequence[Movement]) -> int:
    now, lost = clock.now(), {movement.source for movement in unmatched}
    with transaction() as session:
        matched = [movement.source for movement in page if movement.source not in lost]
        reconciling.note_matched(session, matched, now=now)
        rows = [
            UnmatchedObject(
                kind=movement.kind,
                stripe_id=movement.source,
                amount_minor=movement.amount_minor,
                currency=movement.currency,
                happened_at=movement.at,
                first_seen_at=now,
            )
            for movement in unmatched
        ]
        return reconciling.list_unmatched(session, rows)


def _note_unseen(since: datetime, seen: set[str]) -> int:
    """List payments that stand here and not in Stripe's balance."""
    now = clock.now()
    until = now - STILL_MOVING
    with transaction() as session:
        rows = [
            UnmatchedObject(
                kind="payment",
                stripe_id=payment.charge or payment.payment_intent,
                amount_minor=payment.amount_minor,
                currency=payment.currency,
                happened_at=payment.paid_at,
                first_seen_at=now,
            )
            for payment in reconciling.unseen_payments(session, since=since + STILL_MOVING, until=until, seen=seen)
        ]
        return reconciling.list_unmatched(session, rows)


def _compare_gifts(gateway: Gateway) -> tuple[int, int]:
    """Settle monthly gifts that stand otherwise at Stripe; gives how many, and how many belong to nothing of ours."""
    words = list(gateway.subscriptions())
    settled = unmatched = 0
    for start in range(0, len(words), PAGE):
        strange = reconciling.strange_gifts(db.session(), words[start : start + PAGE])
        db.session.rollback()
        settled += sum(_ask_about(gateway, word.subscription) for word in strange)
        now = clock.now()
        with transaction() as session:
            known = reconciling.known_gifts(session, strange)
            rows = [
                UnmatchedObject(
                    kind="subscription",
                    stripe_id=word.subscription,
                    amount_minor=word.amount_minor,
                    currency=word.currency,
                    happened_at=word.started_at,
                    first_seen_at=now,
                )
                for word in strange
                if word.subscription not in known and word.state is not MonthlyGiftState.CANCELED
            ]
            unmatched += reconciling.list_unmatched(session, rows)
    return settled, unmatched
