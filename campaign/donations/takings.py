"""What came in over time: sums by hour and currency, and by article, of a window that an index bounds.

Sums of payments as they stand, like the totals: what goes back or is contested later lowers the hour of its payment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from campaign.core.epoch import epoch_hour
from campaign.donations.models import Donation, Payment

MOST_SOURCES = 50
_went_back = Payment.refunded_minor + Payment.disputed_minor


@dataclass(frozen=True)
class Takings:
    """Sums over some payments of one currency, in minor units.

    Fees and what arrived are by the currency in which Stripe keeps the money, which need not be the donors'. Of
    `unknown` payments Stripe has not told the fee yet: they are taken to arrive whole.
    """

    payments: int = 0
    given: int = 0
    back: int = 0
    unknown: int = 0
    fees: dict[str, int] = field(default_factory=dict)
    arrived: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: "Takings") -> "Takings":
        return Takings(
            self.payments + other.payments,
            self.given + other.given,
            self.back + other.back,
            self.unknown + other.unknown,
            _added(self.fees, other.fees),
            _added(self.arrived, other.arrived),
        )

    def left(self, currency: str) -> dict[str, int]:
        """What arrived less what went back, the latter in the currency of the gifts."""
        return _added(self.arrived, {currency: -self.back} if self.back else {})


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {code: one.get(code, 0) + other.get(code, 0) for code in {**one, **other}}


@dataclass(frozen=True)
class SourceTakings:
    """What an article brought in one currency."""

    source: str
    currency: str
    payments: int
    given: int
    back: int


def _of(campaign_id: int, since: datetime) -> list[ColumnElement[bool]]:
    return [Payment.campaign_id == campaign_id, Payment.paid_at >= since, Payment.mismatched.is_(False)]


def by_hour(session: Session, campaign_id: int, *, since: datetime) -> dict[str, dict[int, Takings]]:
    """By currency, and by the hour (since 1970) in which it was paid."""
    hour_paid = epoch_hour(Payment.paid_at.expression)
    keys: list[ColumnElement[Any]] = [hour_paid, Payment.currency.expression, Payment.settled_currency.expression]
    sums = [func.sum(one) for one in (Payment.amount_minor, _went_back, Payment.fee_minor, Payment.net_minor)]
    columns: list[ColumnElement[Any]] = [*keys, func.count(), *sums]
    query = select(*columns).where(*_of(campaign_id, since)).group_by(*keys)
    found: dict[str, dict[int, Takings]] = {}
    for hour, currency, settled, number, given, back, fee, net in session.execute(query):
        known = settled is not None and net is not None
        one = Takings(
            payments=number,
            given=int(given),
            back=int(back),
            unknown=0 if known else number,
            fees={settled: int(fee or 0)} if known else {},
            arrived={settled: int(net)} if known else {currency: int(given)},
        )
        hours = found.setdefault(currency, {})
        hours[hour] = hours.get(hour, Takings()) + one
    return found


def by_source(session: Session, campaign_id: int, *, since: datetime) -> Sequence[SourceTakings]:
    """The articles that brought the most, at most MOST_SOURCES; gifts without one stand under an empty name."""
    given = func.sum(Payment.amount_minor)
    rows = session.execute(
        select(Donation.source, Payment.currency, func.count(), given, func.sum(_went_back))
        .join(Donation, Donation.id == Payment.donation_id)
        .where(*_of(campaign_id, since))
        .group_by(Donation.source, Payment.currency)
        .order_by(given.desc(), Donation.source)
        .limit(MOST_SOURCES)
    )
    return [SourceTakings(source, code, number, int(sum_), int(back)) for source, code, number, sum_, back in rows]
