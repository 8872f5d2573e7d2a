"""Reading donations, payments and Stripe's events."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from campaign.core.errors import NotFound
from campaign.core.paging import Page, page_of
from campaign.donations.models import Dispute, Donation, DonationState, EventState, Payment, StripeEvent


def totals(session: Session, campaign_id: int) -> list[tuple[str, int, int]]:
    """What a campaign was given: (currency, minor units, donors) per currency, never summed across them."""
    return many_totals(session, [campaign_id])[campaign_id]


def many_totals(session: Session, campaign_ids: Sequence[int]) -> dict[int, list[tuple[str, int, int]]]:
    """`totals` for several campaigns in one statement.

    Sums of payments less refunds and what disputes took, without those that are not what was asked for. Somebody who
    gave twice is one donor; somebody who got all of it back is none.
    """
    kept = Payment.amount_minor - Payment.refunded_minor - Payment.disputed_minor
    rows = session.execute(
        select(
            Payment.campaign_id,
            Payment.currency,
            func.sum(kept),
            func.count(case((kept > 0, Donation.email_key)).distinct()),
        )
        .join(Donation, Donation.id == Payment.donation_id)
        .where(
            Payment.campaign_id.in_(campaign_ids),
            Payment.mismatched.is_(False),
        )
        .group_by(Payment.campaign_id, Payment.currency)
        .having(func.sum(kept) != 0)
        .order_by(Payment.currency)
    )
    found: dict[int, list[tuple[str, int, int]]] = {campaign_id: [] for campaign_id in campaign_ids}
    for campaign_id, currency, amount, donors in rows:
        found[campaign_id].append((currency, int(amount), donors))
    return found


def fees_kept(session: Session, campaign_id: int) -> dict[str, int]:
    """Currency of the balance → minor units that Stripe kept, for payments that count and for their disputes.

    As far as they are known; a fee stays kept when a payment goes back.
    """
    counted = (Payment.campaign_id == campaign_id, Payment.mismatched.is_(False), Payment.settled_currency.is_not(None))
    of_payments = select(Payment.settled_currency, func.sum(Payment.fee_minor)).where(*counted)
    of_disputes = select(Payment.settled_currency, func.sum(Dispute.fee_minor)).join(
        Dispute, Dispute.payment_id == Payment.id
    )
    found: dict[str, int] = {}
    for query in (of_payments, of_disputes.where(*counted)):
        for currency, fees in session.execute(query.group_by(Payment.settled_currency)):
            if currency and fees:
                found[currency] = found.get(currency, 0) + int(fees)
    return found


def get_donation(session: Session, public_id: str) -> Donation:
    """The donation of that public id. Raises NotFound."""
    donation = session.scalar(select(Donation).where(Donation.public_id == public_id))
    if donation is None:
        raise NotFound(public_id)
    return donation


def list_payments(session: Session, donation_ids: Sequence[int]) -> Sequence[Payment]:
    """The payments of some donations, oldest first."""
    return session.scalars(select(Payment).where(Payment.donation_id.in_(donation_ids)).order_by(Payment.id)).all()


def list_unsettled(session: Session, *, before: datetime, after: int, limit: int) -> Sequence[tuple[int, str]]:
    """Ids and checkout sessions of donations begun before a moment and not settled yet, in the order of their ids."""
    rows = session.execute(
        select(Donation.id, Donation.checkout_session)
        .where(
            Donation.state.in_((DonationState.OPEN, DonationState.PROCESSING)),
            Donation.created_at < before,
            Donation.checkout_session.is_not(None),
            Donation.id > after,
        )
        .order_by(Donation.id)
        .limit(limit)
    )
    return [(row_id, checkout_session) for row_id, checkout_session in rows if checkout_session]


def get_event(session: Session, event_id: str) -> StripeEvent:
    """The event of that id (`evt_…`). Raises NotFound."""
    event = session.scalar(select(StripeEvent).where(StripeEvent.event_id == event_id))
    if event is None:
        raise NotFound(event_id)
    return event


def list_events(
    session: Session, *, state: EventState | None = None, after: int | None = None, limit: int = 50
) -> Page[StripeEvent]:
    """Events as received, newest first; `after` is the cursor of the page before."""
    query = select(StripeEvent)
    if state is not None:
        query = query.where(StripeEvent.state == state)
    if after is not None:
        query = query.where(StripeEvent.id < after)
    return page_of(session.scalars(query.order_by(StripeEvent.id.desc()).limit(limit + 1)).all(), limit)
