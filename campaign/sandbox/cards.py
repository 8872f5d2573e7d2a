"""Stripe's published test cards (docs.stripe.com/testing) and what each does."""

import re
from dataclasses import dataclass

PAYS = "pays"
DECLINES = "declines"
AUTHENTICATES = "authenticates"
DISPUTED = "disputed"
INQUIRED = "inquired"
WARNED = "warned"
REFUND_PENDS = "refund pends"
REFUND_FAILS = "refund fails"


@dataclass(frozen=True)
class Behaviour:
    """What happens when a card is used; the last three only for a decline (``code``: also the dispute's reason)."""

    act: str
    code: str = ""
    decline_code: str = ""
    message: str = ""


@dataclass(frozen=True)
class CardDetails:
    """What may be kept of a card: never its number."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int


def _decline(decline_code: str, message: str, code: str = "card_declined") -> Behaviour:
    return Behaviour(DECLINES, code, decline_code, message)


_PAYS = Behaviour(PAYS)
_AUTHENTICATES = Behaviour(AUTHENTICATES)
_UNKNOWN = _decline(
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card.",
)
AUTHENTICATION_FAILED = Behaviour(
    DECLINES,
    "payment_intent_authentication_failure",
    "",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
_BEHAVIOURS = {
    "4242424242424242": _PAYS,
    "4000056655665556": _PAYS,
    "5555555555554444": _PAYS,
    "2223003122003222": _PAYS,
    "378282246310005": _PAYS,
    "4000008260000000": _PAYS,
    "4000002500003155": _AUTHENTICATES,
    "4000002760003184": _AUTHENTICATES,
    "4000000000000259": Behaviour(DISPUTED),
    "4000000000002685": Behaviour(DISPUTED, "product_not_received"),
    "4000000000001976": Behaviour(INQUIRED),
    "4000000000005423": Behaviour(WARNED),
    "4000000000007726": Behaviour(REFUND_PENDS),
    "4000000000005126": Behaviour(REFUND_FAILS),
    "4000000000000002": _decline("generic_decline", "Your card was declined."),
    "4000000000009995": _decline("insufficient_funds", "Your card has insufficient funds."),
    "4000000000009987": _decline("lost_card", "Your card was declined."),
    "4000000000009979": _decline("stolen_card", "Your card was declined."),
    "4000000000000069": _decline("expired_card", "Your card has expired.", "expired_card"),
    "4000000000000127": _decline("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc"),
    "4000000000000119": _decline(
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
        "processing_error",
    ),
}
# Attaching it to a customer works, charging it does not (docs.stripe.com/testing).
ATTACHES_ONLY = "4000000000000341"
_BEHAVIOURS[ATTACHES_ONLY] = _BEHAVIOURS["4000000000000002"]
_BRANDS = (("3[47]", "amex"), ("4", "visa"), ("5[1-5]|2[2-7]", "mastercard"), ("6", "discover"))


def digits_of(number: str) -> str:
    """The number without the spaces and hyphens that people type."""
    return re.sub(r"[\s-]", "", number)


def is_card_number(digits: str) -> bool:
    """Whether the digits have a card's length and pass the Luhn check."""
    if not re.fullmatch(r"[0-9]{12,19}", digits):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def behaviour_of(digits: str) -> Behaviour:
    """What a card number does; a number that is no test card is declined, as in test mode."""
    return _BEHAVIOURS.get(digits, _UNKNOWN)


def decline(decline_code: str) -> Behaviour:
    """A decline with Stripe's words for a code; an unknown code is a generic decline."""
    known = (behaviour for behaviour in _BEHAVIOURS.values() if behaviour.decline_code == decline_code)
    return next(known, _BEHAVIOURS["4000000000000002"])


def brand_of(digits: str) -> str:
    """The card's brand, ``unknown`` when the number says nothing."""
    return next((name for start, name in _BRANDS if re.match(start, digits)), "unknown")


def read_expiry(text: str) -> tuple[int, int] | None:
    """``MM/YY`` or ``MM/YYYY``, with or without spaces, as month and year; None if it is not."""
    match = re.fullmatch(r"\s*([0-9]{1,2})\s*[/-]?\s*([0-9]{4}|[0-9]{2})\s*", text)
    if not match or not 1 <= int(match[1]) <= 12:
        return None
    year = int(match[2])
    return int(match[1]), year + 2000 if year < 100 else year
