"""Money: integer minor units beside an ISO 4217 code, counted as Stripe counts them.

Sources: docs.stripe.com/currencies (zero-decimal, three-decimal and special-case currencies, minimum charges),
read November 2026.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())  # Stripe wants the last digit to be zero
_WHOLE_UNITS = frozenset({"ISK", "UGX"})  # sent times 100, although only whole units exist

# Smallest charge in main units; "judged in the settlement currency", so Stripe may still refuse: amount_too_small.
_MINIMUM = {
    **dict.fromkeys(("USD", "EUR", "AUD", "CAD", "CHF", "NZD", "SGD", "BRL", "INR"), "0.50"),
    **dict.fromkeys(("JPY", "KRW"), "50"),
    **dict.fromkeys(("NOK", "SEK"), "3"),
    **dict.fromkeys(("PLN", "RON", "AED", "MYR"), "2"),
    **dict.fromkeys(("MXN", "THB"), "10"),
    "GBP": "0.30", "HUF": "175", "CZK": "15", "DKK": "2.50", "HKD": "4",
}  # fmt: skip

LARGEST_MINOR = 99_999_999  # Stripe: an amount has at most eight digits
LARGEST_BOOKED = 2**31 - 1  # what a column of the ledger holds: goals, budgets, payouts
LONGEST_AMOUNT = 20
_PLAIN_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_GROUPED_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


class AmountRefused(ValueError):
    """The text is no amount of this currency."""


class AmountTooLarge(AmountRefused):
    """More than Stripe takes at once."""


@dataclass(frozen=True)
class CardFee:
    """What the card company keeps: a rate and a fixed part in main units."""

    rate: Decimal
    fixed: Decimal


CARD_FEE = CardFee(rate=Decimal("0.015"), fixed=Decimal("0.20"))


def decimals(currency: str) -> int:
    """How many decimal digits the smallest amount sent to Stripe has."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def minimum_minor(currency: str) -> int:
    """Stripe's smallest charge, in minor units; one main unit where Stripe publishes none."""
    return int(Decimal(_MINIMUM.get(currency, "1")).scaleb(decimals(currency)))


def parse_amount(text: str, currency: str, largest_minor: int = LARGEST_MINOR) -> int:
    """An amount in main units as typed, in minor units: `£12.50` is 1250, `1,000` is 100000, JPY `1000` is 1000.

    Only ASCII digits with at most the currency's decimals. Raises AmountRefused for anything else: `int` and
    `Decimal` alone would take 1e3, 1_000, NaN and the digits of other scripts.
    """
    plain = text.strip().removeprefix(_SIGNS.get(currency, currency)).removeprefix(currency).strip()
    if len(plain) > LONGEST_AMOUNT or not (_PLAIN_NUMBER.fullmatch(plain) or _GROUPED_NUMBER.fullmatch(plain)):
        raise AmountRefused
    amount = Decimal(plain.replace(",", ""))
    places = decimals(currency)
    allowed = {3: 2}.get(places, places) if currency not in _WHOLE_UNITS else 0
    if amount != amount.quantize(Decimal(1).scaleb(-allowed)):
        raise AmountRefused
    minor = int(amount.scaleb(places))
    if minor > largest_minor:
        raise AmountTooLarge
    if minor <= 0:
        raise AmountRefused
    return minor


def to_main_units(amount_minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal in main units."""
    return Decimal(amount_minor).scaleb(-decimals(currency))


def plain_amount(amount_minor: int, currency: str) -> str:
    """Minor units as a form takes them, in any language: 1000 is `10`, 1250 is `12.50`."""
    amount = to_main_units(amount_minor, currency)
    return str(int(amount)) if amount == int(amount) else str(amount)


def with_fee_covered(net_minor: int, currency: str, fee: CardFee = CARD_FEE) -> int:
    """What to charge so that `net_minor` arrives after the fee: ceil((net + fixed) / (1 - rate)), exact."""
    fixed = fee.fixed.scaleb(decimals(currency))
    charge = ((net_minor + fixed) / (1 - fee.rate)).to_integral_value(rounding=ROUND_CEILING)
    step = 10 if currency in THREE_DECIMAL else 100 if currency in _WHOLE_UNITS else 1
    return int(-(-charge // step) * step)
