"""Form fields of the staff's pages beyond those of `core/http/fields.py`: addresses, numbers, days, times, money."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.numbers import get_territory_currencies
from flask_babel import gettext as _
from wtforms import DateField, Field, StringField, TextAreaField, ValidationError
from wtforms.validators import StopValidation
from wtforms.widgets import DateTimeLocalInput

from campaign.core import clock, text
from campaign.core.addresses import AddressRefused, check_address
from campaign.core.formatting import country_codes
from campaign.core.money import LARGEST_BOOKED, AmountRefused, parse_amount, plain_amount

_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?")
_WHOLE = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12}", re.ASCII)


class WebAddressField(StringField):
    """An optional http or https address; `data` is None for none."""

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse what is no address of a page."""
        typed: str | None = self.data  # type: ignore[has-type]
        if not text.clean_block(typed or ""):
            self.data = None
            return
        self.data = web_address(typed or "")
        if self.data is None:
            self.data = typed
            raise ValidationError(_("Enter a whole address, like https://example.org/page."))


def web_address(typed: str) -> str | None:
    """The http or https address that was typed, None for what is none."""
    address = text.clean_block(typed)
    try:
        parts = urlsplit(address)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine or len(address) > 2000 or any(char.isspace() or char in "<>\"'`\\" for char in address):
        return None
    return address


class MailAddressField(StringField):
    """A mail address, or nothing where none is needed."""

    def __init__(self, *args: Any, needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed = needed

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse what cannot be written to."""
        typed: str = (self.data or "").strip()
        self.data: str = typed
        if not typed and not self.needed:
            return
        try:
            self.data = check_address(typed)
        except AddressRefused:
            raise ValidationError(_("Enter an email address with an @, like name@example.com.")) from None


class WholeNumberField(StringField):
    """A whole number above zero, or from `least` on; `number` is its value."""

    number: int = 0

    def __init__(self, *args: Any, least: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least = least

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Take plain digits, grouped by commas or not."""
        typed = (str(self.data) if self.data is not None else "").strip()
        if not _WHOLE.fullmatch(typed) or not self.least <= int(typed.replace(",", "")) <= 1_000_000_000:
            raise ValidationError(_("Enter a whole number above zero, like 10,000."))
        self.number = int(typed.replace(",", ""))


class BoundedNumberField(WholeNumberField):
    """A whole number within bounds."""

    def __init__(self, *args: Any, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(*args, least=min(least, 1), **kwargs)
        self.lowest, self.most = least, most

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse what lies outside."""
        super().post_validate(form, validation_stopped)
        if not self.lowest <= self.number <= self.most:
            raise ValidationError(_("Enter a number from %(least)s to %(most)s.", least=self.lowest, most=self.most))


class WordsField(TextAreaField):
    """Words or phrases, one a line; `words` is what was read."""

    words: tuple[str, ...] = ()

    def __init__(self, *args: Any, most: int, longest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most, self.longest = most, longest

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Take each once; a line that could match everything is none."""
        lines = [text.clean_line(line) for line in text.clean_block(self.data or "").splitlines()]
        words = tuple(dict.fromkeys(line for line in lines if line.strip("* ")))
        longest = max(words, key=len, default="")
        if len(longest) > self.longest:
            raise ValidationError(_("“%(word)s…” is too long. Write one word or phrase a line.", word=longest[:20]))
        if len(words) > self.most:
            raise ValidationError(_("Write at most %(num)s lines.", num=self.most))
        self.words = words


class MomentField(Field):
    """A day and time in the site's zone, in `data` as an aware time in UTC; empty is None."""

    widget = DateTimeLocalInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed: str | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what the browser's control sends; a zone that is named wins over the site's."""
        if not valuelist:
            return
        self.typed, self.data = valuelist[0].strip(), None
        if not self.typed:
            return
        try:
            moment = datetime.fromisoformat(self.typed)
            local = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
            self.data = local.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(_("Enter a day and a time, like 2026-03-12 14:30.")) from None
        if moment.tzinfo is None and self.data.astimezone(self.zone).replace(tzinfo=None) != moment:
            raise ValueError(_("The clocks go forward at this time, so it does not exist. Choose another."))

    @property
    def zone(self) -> Any:
        return self.meta.zone

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return self.data.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M") if self.data else ""


class PastDayField(DateField):
    """A day that has been where the site is; `data` is None for none."""

    data: Any

    def __init__(self, *args: Any, needed: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed = needed

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what the browser's control sends."""
        if not any(typed.strip() for typed in valuelist):
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Enter a day, like 2026-03-12.")) from None

    def pre_validate(self, form: Any) -> None:
        """Refuse a day that is still to come, and none where one is needed."""
        if self.needed and not self.data:
            raise StopValidation(str(self.needed))
        if self.data and self.data > clock.now().astimezone(self.meta.zone).date():
            raise ValidationError(_("Enter a day that has been."))


def read_amount(typed: str | None, currency: str) -> int | None:
    """What was typed as minor units, None for nothing. Raises ValidationError for what is no amount."""
    if not typed or not typed.strip():
        return None
    try:
        return parse_amount(typed, currency, LARGEST_BOOKED)
    except AmountRefused:
        raise ValidationError(_("Enter an amount with digits, like 25 or 12.50.")) from None


def shown_amount(amount_minor: int | None, currency: str) -> str:
    """What `read_amount` takes: `12.50` or `25`, empty for None."""
    return "" if amount_minor is None else plain_amount(amount_minor, currency)


def read_hosts(typed: str) -> str:
    """Hosts, one a line, without scheme or path. Raises ValidationError naming the first that is none."""
    hosts = []
    for line in typed.split():
        host = (urlsplit(line).netloc if "://" in line else line).lower().rstrip("/")
        if not _HOST.fullmatch(host):
            raise ValidationError(_("“%(line)s” is not a host. Write one a line, like www.example.org.", line=line))
        hosts.append(host)
    return "\n".join(dict.fromkeys(hosts))


@lru_cache(maxsize=32)
def currencies(language: str) -> tuple[tuple[str, str], ...]:
    """ISO 4217 codes of the money in use somewhere now, each with its name in the language."""
    names = Locale.parse(language, sep="-").currencies
    codes = {code for country in country_codes() for code in get_territory_currencies(country)}
    return tuple((code, f"{code} – {names.get(code, code)}") for code in sorted(codes))
