"""A campaign's donations as its staff look for them: by filters, newest first, or the one that somebody has in hand.

What a page reads is bounded, whatever is asked: the filter that finds the fewest is looked up by its index, and at most
MOST_READ of its rows are sifted by the others. A page that found less than it holds says where to go on.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from campaign.core.paging import Page, page_of
from campaign.donations.models import (
    Dispute,
    Donation,
    DonationState,
    Frequency,
    MonthlyGift,
    Payment,
    Receipt,
    Refund,
)

MOST_READ = 5_000
PAGE = 50
_ORDER = (Donation.created_at.desc(), Donation.id.desc())


@dataclass(frozen=True)
class Filters:
    """None or empty leaves a filter out; the window of time is about the form, its end excluded."""

    state: DonationState | None = None
    frequency: Frequency | None = None
    currency: str = ""
    source: str = ""
    email_key: str = ""
    begun_from: datetime | None = None
    begun_before: datetime | None = None

    def equalities(self) -> list[ColumnElement[bool]]:
        """The filters that an index each looks up."""
        asked = (
            (Donation.email_key, self.email_key),
            (Donation.state, self.state),
            (Donation.source, self.source),
            (Donation.currency, self.currency),
            (Donation.frequency, self.frequency),
        )
        return [column == value for column, value in asked if value]

    def window(self) -> list[ColumnElement[bool]]:
        """The time, which every one of those indexes holds as well."""
        found = []
        if self.begun_from:
            found.append(Donation.created_at >= self.begun_from)
        if self.begun_before:
            found.append(Donation.created_at < self.begun_before)
        return found


def list_donations(
    session: Session, campaign_id: int, filters: Filters | None = None, *, after: int | None = None, limit: int = PAGE
) -> Page[Donation]:
    """A campaign's donations, newest first; `after` is the cursor of the page before.

    The page may hold fewer than `limit`, or none, and still go on: then MOST_READ rows were sifted for it.
    """
    asked = filters or Filters()
    reach = [Donation.campaign_id == campaign_id, *asked.window(), *_from(session, campaign_id, after)]
    looked_up, sifted = _narrowest(session, reach, asked.equalities())
    if not sifted:
        query = select(Donation).where(*reach, *looked_up).order_by(*_ORDER).limit(limit + 1)
        return page_of(session.scalars(query).all(), limit)
    read = select(Donation.id).where(*reach, *looked_up).order_by(*_ORDER)
    some = read.limit(MOST_READ).subquery()
    query = select(Donation).join(some, some.c.id == Donation.id).where(*sifted).order_by(*_ORDER).limit(limit + 1)
    page = page_of(session.scalars(query).all(), limit)
    return page if page.next else Page(page.items, session.scalar(read.offset(MOST_READ - 1).limit(1)))


def _from(session: Session, campaign_id: int, after: int | None) -> list[ColumnElement[bool]]:
    """What stands behind the cursor; a cursor of another campaign's list, or of none, starts at the top."""
    where = (Donation.id == after, Donation.campaign_id == campaign_id)
    begun = session.scalar(select(Donation.created_at).where(*where)) if after else None
    if begun is None:
        return []
    last = tuple_(literal(begun, Donation.created_at.type), literal(after, Donation.id.type))
    return [tuple_(Donation.created_at, Donation.id) < last]


def _narrowest(
    session: Session, reach: list[ColumnElement[bool]], asked: list[ColumnElement[bool]]
) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """The filter that finds the fewest, counted as far as a page may read, and the others."""
    if len(asked) < 2:
        return asked, []

    def size(one: ColumnElement[bool]) -> Select[int]:
        some = select(Donation.id).where(*reach, one).limit(MOST_READ).subquery()
        return select(func.count()).select_from(some)

    counts = session.execute(select(*(size(one).scalar_subquery() for one in asked))).one()
    smallest = min(range(len(asked)), key=lambda place: int(counts[place]))
    return [asked[smallest]], [one for place, one in enumerate(asked) if place != smallest]


def find_donors_latest(session: Session, campaign_id: int, email_key: str) -> Donation | None:
    """The latest gift of a donor to a campaign, by the key of the address."""
    query = select(Donation).where(Donation.campaign_id == campaign_id, Donation.email_key == email_key)
    return session.scalar(query.order_by(*_ORDER).limit(1))


def find_by_reference(session: Session, campaign_id: int, reference: str) -> Donation | None:
    """A campaign's donation by what names it or a part of it.

    Takes our own reference, the number of a receipt, and Stripe's ids of checkouts, payments, charges, invoices,
    balance transactions, subscriptions, refunds and disputes.
    """
    wanted = _named(reference).scalar_subquery()
    return session.scalar(select(Donation).where(Donation.id == wanted, Donation.campaign_id == campaign_id))


def _named(reference: str) -> Select[int]:
    """The id of the donation behind a reference; each is looked up by an index of its own."""
    of_payment = {
        "pi": Payment.payment_intent,
        "ch": Payment.charge,
        "py": Payment.charge,
        "in": Payment.invoice,
        "txn": Payment.balance_transaction,
    }
    below_payment: dict[str, type[Refund] | type[Dispute]] = {"re": Refund, "pyr": Refund, "du": Dispute, "dp": Dispute}
    kind = reference.partition("_")[0]
    if kind in of_payment:
        return select(Payment.donation_id).where(of_payment[kind] == reference)
    if kind in below_payment:
        row = below_payment[kind]
        return select(Payment.donation_id).join(row, row.payment_id == Payment.id).where(row.stripe_id == reference)
    if kind == "sub":
        return select(MonthlyGift.donation_id).where(MonthlyGift.subscription == reference)
    if kind == "cs":
        return select(Donation.id).where(Donation.checkout_session == reference)
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        paid = select(Payment.donation_id).join(Receipt, Receipt.payment_id == Payment.id)
        return paid.where(Receipt.number == int(reference))
    return select(Donation.id).where(Donation.public_id == reference)
