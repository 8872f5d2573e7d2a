"""Numbers, dates, money and countries as people write them in their language (CLDR, through Babel)."""

import datetime as dt
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from campaign.core.money import decimals, plain_amount, to_main_units
from campaign.core.text import render_markdown

# CLDR lists these as territories; nobody lives in a group or in a code for "unknown".
_NOT_COUNTRIES = frozenset({"ZZ", "EU", "UN", "EZ", "QO", "XA", "XB", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"})


@lru_cache(maxsize=64)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """ISO 3166-1 alpha-2 codes with names in the language, in the order of the names."""
    names = Locale.parse(language, sep="-").territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    return tuple(sorted(((c, n) for c, n in found if c not in _NOT_COUNTRIES), key=lambda pair: pair[1].casefold()))


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """All codes that a form may send."""
    return frozenset(code for code, _ in countries("en"))


class Formats:
    """Template filters for a site. `language` gives the language at hand, `zone` is where pages state times."""

    def __init__(self, language: Callable[[], str], zone: ZoneInfo) -> None:
        self._language = language
        self._zone = zone

    def _locale(self) -> Locale:
        return Locale.parse(self._language(), sep="-")

    def _local(self, moment: datetime | dt.date) -> datetime | dt.date:
        return moment.astimezone(self._zone) if isinstance(moment, datetime) else moment

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=self._locale()))

    def compact(self, value: int) -> str:
        """`31.3K`: a number short enough to stand on a chart."""
        return str(format_compact_decimal(value, fraction_digits=1 if value >= 1000 else 0, locale=self._locale()))

    def percent(self, share: float) -> str:
        """`87%` of a share of 1."""
        return str(format_percent(share, locale=self._locale()))

    def duration(self, seconds: float) -> str:
        """`4 minutes`, in the largest unit that fits."""
        return str(format_timedelta(dt.timedelta(seconds=round(seconds)), threshold=1, locale=self._locale()))

    def money(self, amount_minor: int, currency: str) -> str:
        """`£10`, `£12.50`: minor units, decimals only where there are any."""
        amount = to_main_units(amount_minor, currency)
        pattern_digits = 0 if amount == amount.to_integral_value() else decimals(currency)
        return str(
            format_currency(
                round(amount, pattern_digits),
                currency,
                locale=self._locale(),
                currency_digits=False,
                format=_money_pattern(self._locale(), pattern_digits),
            )
        )

    def date(self, moment: datetime | dt.date) -> str:
        """`12 March 2022` in English; CLDR's long date elsewhere."""
        if self._language() == "en":
            return str(format_date(self._local(moment), "d MMMM y", locale=self._locale()))
        return str(format_date(self._local(moment), "long", locale=self._locale()))

    def daymonth(self, moment: datetime | dt.date) -> str:
        """`12 March`."""
        if self._language() == "en":
            return str(format_date(self._local(moment), "d MMMM", locale=self._locale()))
        return str(format_skeleton("MMMMd", self._local(moment), locale=self._locale()))

    def shortday(self, day: dt.date) -> str:
        """`Sat 12`: a day of the week with its number."""
        return str(format_skeleton("Ed", day, locale=self._locale()))

    def time(self, moment: datetime) -> str:
        """`14:28`."""
        if self._language() == "en":
            return f"{self._local(moment):%H:%M}"
        return str(format_time(self._local(moment), "short", locale=self._locale()))  # type: ignore[arg-type]

    def country(self, code: str) -> str:
        return str(self._locale().territories.get(code, code))

    def language_name(self, code: str) -> str:
        """A language as those who speak it call it."""
        return str(Locale.parse(code, sep="-").get_display_name() or code)

    def filters(self) -> dict[str, Callable[..., object]]:
        """Name in templates → function."""
        return {
            "number": self.number,
            "compact": self.compact,
            "percent": self.percent,
            "duration": self.duration,
            "money": self.money,
            "plain_amount": plain_amount,
            "date": self.date,
            "daymonth": self.daymonth,
            "shortday": self.shortday,
            "time": self.time,
            "country": self.country,
            "language_name": self.language_name,
            "markdown": render_markdown,
        }


@lru_cache(maxsize=128)
def _money_pattern(locale: Locale, digits: int) -> str:
    """The locale's own pattern for money, with exactly so many decimals."""
    pattern = locale.currency_formats["standard"].pattern
    return str(pattern.replace(".00", f".{'0' * digits}" if digits else ""))
