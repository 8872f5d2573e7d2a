"""Currencies as Stripe counts them (docs.stripe.com/currencies). Amounts are minor units."""

from campaign.sandbox.errors import ApiError


def _codes(text: str) -> list[str]:
    return text.split()


ZERO_DECIMAL = frozenset(_codes("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"))
THREE_DECIMAL = frozenset(_codes("bhd jod kwd omr tnd"))
# Without minor units in daily life, yet sent as if they had two: whole units only.
WHOLE_UNITS_TIMES_100 = frozenset(("isk", "ugx"))
CURRENCIES = (
    ZERO_DECIMAL
    | THREE_DECIMAL
    | WHOLE_UNITS_TIMES_100
    | frozenset(
        _codes(
            "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd "
            "cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd "
            "hkd hnl htg huf idr ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk "
            "mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron "
            "rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd "
            "uyu uzs wst xcd xcg yer zar zmw"
        )
    )
)
MAXIMUM = 99_999_999  # docs.stripe.com: eight digits for most currencies
_MINIMUM = {
    **dict.fromkeys(_codes("usd eur aud cad chf nzd sgd brl inr"), 50),
    **dict.fromkeys(_codes("pln ron aed myr"), 200),
    **dict.fromkeys(_codes("mxn thb"), 1000),
    **dict.fromkeys(_codes("nok sek"), 300),
    **dict.fromkeys(_codes("jpy krw"), 50),
    "gbp": 30,
    "huf": 17500,
    "czk": 1500,
    "dkk": 250,
    "hkd": 400,
}
_SYMBOLS = {"gbp": "£", "usd": "$", "eur": "€", "jpy": "¥", "inr": "₹", "krw": "₩", "pln": "zł"}


class Currency:
    """A parameter that names a currency Stripe can charge in, in any case; gives lower case."""

    def read(self, value: object, path: str) -> str:
        """The code, lower case."""
        code = value.lower() if isinstance(value, str) else ""
        if code not in CURRENCIES:
            raise ApiError(
                f"Invalid currency: {value}. Stripe currently supports these currencies: "
                f"{', '.join(sorted(CURRENCIES))}",
                param=path,
            )
        return code


def exponent(currency: str) -> int:
    """How many decimals the amounts of a currency have at Stripe."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def minimum(currency: str) -> int:
    """The smallest charge. Stripe judges it in the settlement currency; one that is not in its
    table has no minimum of its own here."""
    return _MINIMUM.get(currency, 1)


def format_amount(amount: int, currency: str) -> str:
    """An amount for people: ``£1,234.50``, ``¥1,000``, ``12.00 SEK``."""
    places = exponent(currency)
    whole, part = divmod(abs(amount), 10**places)
    digits = f"{whole:,}"
    if places and currency not in WHOLE_UNITS_TIMES_100:
        digits += f".{part:0{places}d}"
    symbol = _SYMBOLS.get(currency)
    sign = "-" if amount < 0 else ""
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {currency.upper()}"


def check_chargeable(amount: int, currency: str) -> None:
    """Refuse a total that Stripe would not charge; raises ApiError."""
    if amount < minimum(currency):
        least = format_amount(minimum(currency), currency)
        raise ApiError(
            f"The Checkout Session's total amount due must add up to at least {least} {currency}",
            code="amount_too_small",
        )
    if amount > MAXIMUM:
        most = format_amount(MAXIMUM, currency)
        raise ApiError(
            f"The Checkout Session's total amount due must be no more than {most} {currency}",
            code="amount_too_large",
        )
    step = 10 if currency in THREE_DECIMAL else 100 if currency in WHOLE_UNITS_TIMES_100 else 1
    if amount % step:
        raise ApiError(
            f"Invalid amount: amounts in {currency} must be divisible by {step}",
            param="line_items[0][price_data][unit_amount]",
        )


def processing_fee(amount: int) -> int:
    """What the sandbox keeps of a charge: 1.5 % and 20 minor units, half a unit rounded up.

    An assumption of the sandbox (Stripe's price for UK cards), the same in every currency, which
    here also is the settlement currency. Never more than the charge itself.
    """
    return min(amount, (amount * 15 + 500) // 1000 + 20)
