"""Payments in the background: what Stripe told us is looked up at Stripe, outside any transaction, and applied."""

import logging
from datetime import datetime, timedelta

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import events, queries
from campaign.donations.gateway import Gateway, GatewayError, GatewayUnavailable
from campaign.donations.models import StripeEvent
from campaign.donations.settling import Overtaken, settle

log = logging.getLogger(__name__)

STILL_PAYING = timedelta(minutes=10)  # a donor may be at the checkout for as long; younger ones are left alone
PAGE = 100


def apply_events(gateway: Gateway) -> int:
    """Apply one batch of due events; gives how many were dealt with, zero when none is due."""
    if not events.is_anything_due(db.session(), now=clock.now()):
        return 0
    with transaction() as session:
        batch = events.take(session, now=clock.now())
    foreign = [event for event in batch if not _is_ours(gateway, event)]
    if foreign:  # in one transaction: another program's storm must not keep those waiting who write here
        with transaction() as session:
            events.ignore(session, foreign, events.FOREIGN, now=clock.now())
    return len(batch)


def apply_all(gateway: Gateway) -> int:
    """Apply batches until no event is due; gives how many events were dealt with."""
    done = 0
    while step := apply_events(gateway):
        done += step
    return done


def _is_ours(gateway: Gateway, event: StripeEvent) -> bool:
    """Ask, then apply; False where the object was made by another program.

    What goes wrong with one event is noted on it and does not hold up the others.
    """
    try:
        standing = gateway.standing(event.object_id)
        if standing is None:
            return False
        with transaction() as session:
            events.apply(session, event, standing, now=clock.now())
    except (GatewayError, Overtaken) as error:
        _put_off(event, f"{type(error).__name__}: {error}")
    except Exception as error:
        log.exception("event %s cannot be applied", event.event_id)
        _put_off(event, type(error).__name__)
    return True


def _put_off(event: StripeEvent, error: str) -> None:
    with transaction() as session:
        events.put_off(session, event, error, now=clock.now())


def fetch_missed_events(gateway: Gateway, since: datetime) -> int:
    """Store the events since a moment that never reached us; gives how many. Raises GatewayError.

    Stripe keeps events for 30 days. All pages are read before the first row is written.
    """
    notices = list(gateway.notices_since(since))
    notices.reverse()  # Stripe gives the newest first
    stored = 0
    for start in range(0, len(notices), PAGE):
        with transaction() as session:
            stored += events.store(session, notices[start : start + PAGE], now=clock.now())
    return stored


def ask_again(gateway: Gateway) -> int:
    """Ask Stripe about donations that should be settled by now; gives how many were asked about.

    Finds what happened without any event reaching us. Raises GatewayUnavailable as soon as Stripe does not answer.
    """
    asked, last, before = 0, 0, clock.now() - STILL_PAYING
    while page := queries.list_unsettled(db.session(), before=before, after=last, limit=PAGE):
        db.session.rollback()  # no transaction stays open while Stripe is asked
        for last, checkout_session in page:  # noqa: B007 - the last id is where the next page starts
            _ask_about(gateway, checkout_session)
            asked += 1
    return asked


def _ask_about(gateway: Gateway, checkout_session: str) -> None:
    try:
        standing = gateway.standing(checkout_session)
        if standing is not None:
            with transaction() as session:
                settle(session, standing, cause="sync", now=clock.now())
    except GatewayUnavailable:
        raise
    except (GatewayError, Overtaken) as error:
        log.warning("a checkout could not be looked up: %s", error)
