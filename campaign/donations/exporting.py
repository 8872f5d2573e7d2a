"""Exporting donations: which leave, and which of their columns, one row for each payment; an allow-list.

A gift that was never paid stands in a row of its own, where it was asked for. Amounts are in main units. The sum of
`counted` over all rows of a currency is what the campaign was given through Stripe.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import BigInteger, ColumnElement, Select, Text, case, cast, func, literal_column, select, type_coerce

from campaign.core.lists.columns import Column, own_column, plain_values, text_column, time_column, yes_no_column
from campaign.core.money import THREE_DECIMAL, ZERO_DECIMAL
from campaign.donations.models import Donation, DonationState, Frequency, Payment, Receipt


def _one_of(codes: frozenset[str]) -> ColumnElement[Any]:
    """Codes of ours written out: the driver is given the statement as it stands, and takes no lists."""
    return literal_column("(" + ", ".join(f"'{code}'" for code in sorted(codes)) + ")")


def _amount(minor: ColumnElement[Any], currency: ColumnElement[Any]) -> Column:
    """Minor units as a plain number in main units, such as 1234.50, written by the database; exact."""
    size = func.abs(minor, type_=BigInteger())

    def digits(number: int) -> ColumnElement[Any]:
        unit = 10**number
        rest = func.substr(cast(size % unit + unit, Text), 2, number)
        return cast(size // unit, Text).concat(".").concat(rest)

    plain = case(
        (currency.op("IN")(_one_of(ZERO_DECIMAL)), cast(size, Text)),
        (currency.op("IN")(_one_of(THREE_DECIMAL)), digits(3)),
        else_=digits(2),
    )
    return own_column(case((minor < 0, type_coerce("-", Text).concat(plain)), else_=plain))


_paid = Payment.currency.expression
_kept = Payment.amount_minor - Payment.refunded_minor - Payment.disputed_minor
_asked = Donation.amount_minor.expression

# What was given, and what of it counts. Nobody is named.
USUAL = ("paid_at", "amount", "counted", "currency", "frequency", "state")
# What some purposes need as well.
FURTHER = (
    "begun_at", "fee_cover", "refunded", "disputed", "fee", "arrived", "arrived_in", "source", "receipt", "reference",
    "payment", "name", "show_name",
)  # fmt: skip
# What finds a person, only where it was asked for with a tick of its own.
ADDRESSES = ("email",)

COLUMNS: dict[str, Column] = {
    "paid_at": time_column(Payment.paid_at),
    "amount": _amount(func.coalesce(Payment.amount_minor, _asked), func.coalesce(_paid, Donation.currency)),
    "counted": _amount(case((Payment.id.is_(None) | Payment.mismatched, 0), else_=_kept), _paid),
    "currency": own_column(func.coalesce(_paid, Donation.currency)),
    "frequency": own_column(type_coerce(Donation.frequency, Text)),
    "state": own_column(type_coerce(Donation.state, Text)),
    "begun_at": time_column(Donation.created_at),
    "fee_cover": _amount(Donation.fee_cover_minor.expression, Donation.currency.expression),
    "refunded": _amount(Payment.refunded_minor.expression, _paid),
    "disputed": _amount(Payment.disputed_minor.expression, _paid),
    "fee": _amount(Payment.fee_minor.expression, Payment.settled_currency.expression),
    "arrived": _amount(Payment.net_minor.expression, Payment.settled_currency.expression),
    "arrived_in": own_column(Payment.settled_currency.expression),
    "source": text_column(Donation.source),
    "receipt": own_column(Receipt.number.expression),
    "reference": own_column(Donation.public_id.expression),
    "payment": own_column(Payment.payment_intent.expression),
    "name": text_column(Donation.name),
    "show_name": yes_no_column(Donation.show_name),
    "email": text_column(Donation.email),
}


@dataclass(frozen=True)
class Selection:
    """What is asked for. None or empty leaves a filter out; without a state it is all that was paid, whatever became of
    it. The window is about when it was paid, or else begun, its end excluded.
    """

    campaign_id: int
    state: DonationState | None = None
    frequency: Frequency | None = None
    currency: str = ""
    source: str = ""
    paid_from: datetime | None = None
    paid_before: datetime | None = None
    chosen: tuple[str, ...] = USUAL
    include_addresses: bool = False

    @property
    def columns(self) -> list[str]:
        """The names of the columns, always in one order; addresses only with their own tick."""
        chosen = [name for name in (*USUAL, *FURTHER) if name in self.chosen]
        return [*chosen, *(ADDRESSES if self.include_addresses else ())]

    def filters(self) -> dict[str, Any]:
        """The filters as an export's row and the trail keep them."""
        found = {
            "state": self.state.value if self.state else "",
            "frequency": self.frequency.value if self.frequency else "",
            "currency": self.currency,
            "source": self.source,
            "paid_from": self.paid_from.isoformat() if self.paid_from else "",
            "paid_before": self.paid_before.isoformat() if self.paid_before else "",
        }
        return {name: value for name, value in found.items() if value}

    @classmethod
    def stored(cls, campaign_id: int, filters: dict[str, Any], chosen: list[str], include_addresses: bool) -> Self:
        """A selection from what `filters` gave."""
        return cls(
            campaign_id=campaign_id,
            state=DonationState(filters["state"]) if filters.get("state") else None,
            frequency=Frequency(filters["frequency"]) if filters.get("frequency") else None,
            currency=filters.get("currency", ""),
            source=filters.get("source", ""),
            paid_from=datetime.fromisoformat(filters["paid_from"]) if filters.get("paid_from") else None,
            paid_before=datetime.fromisoformat(filters["paid_before"]) if filters.get("paid_before") else None,
            chosen=tuple(chosen),
            include_addresses=include_addresses,
        )

    def cells(self) -> Select[Any]:
        """The rows as cells of a spreadsheet, in the order in which the gifts were begun."""
        return self._select([COLUMNS[name].cell for name in self.columns]).order_by(Donation.id, Payment.id)

    def values(self) -> Select[Any]:
        """The rows as plain values, in the same order."""
        return self._select([COLUMNS[name].value for name in self.columns]).order_by(Donation.id, Payment.id)

    def plain(self) -> Callable[[tuple[Any, ...]], list[Any]]:
        """What makes JSON's values of a row of `values`."""
        return plain_values(COLUMNS, self.columns)

    def count(self) -> Select[int]:
        """How many rows there are."""
        return self._select([func.count()])

    def _select(self, columns: list[ColumnElement[Any]]) -> Select[Any]:
        query = select(*columns).select_from(Donation).outerjoin(Payment, Payment.donation_id == Donation.id)
        return query.outerjoin(Receipt, Receipt.payment_id == Payment.id).where(*self._conditions())

    def _conditions(self) -> list[ColumnElement[bool]]:
        moment = func.coalesce(Payment.paid_at, Donation.created_at)
        found = [Donation.campaign_id == self.campaign_id]
        found.append(Donation.state == self.state if self.state else Payment.id.is_not(None))
        if self.frequency:
            found.append(Donation.frequency == self.frequency)
        if self.currency:
            found.append(func.coalesce(Payment.currency, Donation.currency) == self.currency)
        if self.source:
            found.append(Donation.source == self.source)
        if self.paid_from:
            found.append(moment >= self.paid_from)
        if self.paid_before:
            found.append(moment < self.paid_before)
        return found
