"""What parameters a call takes, and Stripe's words for those that are wrong.

A ``Shape`` names the fields it knows; whatever else arrives is refused as ``parameter_unknown``,
so that a misspelt parameter fails here as it would at Stripe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from campaign.sandbox.config import is_web_address
from campaign.sandbox.errors import ApiError
from campaign.sandbox.formcoding import unknown_parameters

LOCALES = tuple(
    (
        "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl "
        "pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
    ).split()
)


class Field(Protocol):
    """Reads one decoded value; ``path`` is its name as the caller wrote it."""

    def read(self, value: Any, path: str) -> Any:
        """The value in its own type, or ApiError."""


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise ApiError(f"Invalid string: {path} must not be a group of values", param=path)
    if value == "":
        raise ApiError(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{path}' cannot be unset. You should remove '{path}' "
            "from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=path,
        )
    return value


@dataclass(frozen=True)
class Text:
    """Text of at most ``limit`` characters."""

    limit: int = 5000

    def read(self, value: Any, path: str) -> str:
        """The text itself."""
        text = _text(value, path)
        if len(text) > self.limit:
            raise ApiError(f"Invalid string: {text[:20]}…; must be at most {self.limit} characters", param=path)
        return text


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds, both included."""

    minimum: int = 0
    maximum: int = 10**12

    def read(self, value: Any, path: str) -> int:
        """The number."""
        text = _text(value, path)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 20):
            raise ApiError(f"Invalid integer: {text}", code="parameter_invalid_integer", param=path)
        number = int(text)
        if not self.minimum <= number <= self.maximum:
            bound = (
                f"greater than or equal to {self.minimum}"
                if number < self.minimum
                else f"less than or equal to {self.maximum}"
            )
            raise ApiError(f"This value must be {bound}.", code="parameter_invalid_integer", param=path)
        return number


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: Any, path: str) -> str:
        """The word."""
        text = _text(value, path)
        if text not in self.words:
            known = ", ".join(self.words)
            raise ApiError(f"Invalid {path}: must be one of {known}", param=path)
        return text


class Flag:
    """``true`` or ``false``."""

    def read(self, value: Any, path: str) -> bool:
        """The truth value."""
        text = _text(value, path)
        if text not in ("true", "false"):
            raise ApiError(f"Invalid boolean: {text}", param=path)
        return text == "true"


class WebAddress:
    """An absolute http or https address."""

    def read(self, value: Any, path: str) -> str:
        """The address as given."""
        text = _text(value, path)
        if len(text) > 5000 or not is_web_address(text):
            raise ApiError("Not a valid URL", code="url_invalid", param=path)
        return text


class Email:
    """A mail address, by its outline only."""

    def read(self, value: Any, path: str) -> str:
        """The address as given."""
        text = _text(value, path)
        if not looks_like_email(text):
            raise ApiError(f"Invalid email address: {text}", code="email_invalid", param=path)
        return text


@dataclass(frozen=True)
class Metadata:
    """Up to 50 pairs, names of 40 and values of 500 characters (docs.stripe.com/api/metadata).

    An empty value takes its name away: at creation it is never there, and with ``unsets`` the
    empty values are given on, for an update to do so.
    """

    unsets: bool = False

    def read(self, value: Any, path: str) -> dict[str, str]:
        """The pairs."""
        if value == "":
            return {}
        if isinstance(value, list):  # names 0, 1, 2 … arrive as a list
            value = {str(index): item for index, item in enumerate(value)}
        if not isinstance(value, dict):
            raise ApiError(f"Invalid {path}: must be a group of names and values", param=path)
        if len(value) > 50:
            raise ApiError("Metadata can have up to 50 keys.", param=path)
        for name, text in value.items():
            self._check(name, text, path)
        return {name: text for name, text in value.items() if text or self.unsets}

    def _check(self, name: str, text: Any, path: str) -> None:
        inner = f"{path}[{name}]"
        if not isinstance(text, str):
            raise ApiError("Metadata values must be text.", param=inner)
        if len(name) > 40:
            raise ApiError(
                "Metadata key names can have up to 40 characters, but you passed in a key that "
                f"is {len(name)} characters. Invalid key: {name}",
                param=inner,
            )
        if len(text) > 500:
            raise ApiError(
                "Metadata values can have up to 500 characters, but you passed in a value that "
                f"is {len(text)} characters. Invalid value: {text}",
                param=inner,
            )


@dataclass(frozen=True)
class ListOf:
    """A list of one kind of thing."""

    item: Field
    limit: int = 100

    def read(self, value: Any, path: str) -> list[Any]:
        """The items."""
        if not isinstance(value, list):
            raise ApiError("Invalid array", param=path)
        if len(value) > self.limit:
            raise ApiError(f"Array {path} can have at most {self.limit} items.", param=path)
        return [self.item.read(item, f"{path}[{index}]") for index, item in enumerate(value)]


@dataclass(frozen=True)
class Shape:
    """A group of named fields; ``required`` names those that must be there."""

    fields: Mapping[str, Field]
    required: Sequence[str] = field(default=())

    def read(self, value: Any, path: str = "") -> dict[str, Any]:
        """The fields that were given."""
        if not isinstance(value, dict):
            raise ApiError("Invalid object", param=path)
        unknown = [_inside(path, name) for name in value if name not in self.fields]
        if unknown:
            raise unknown_parameters(unknown)
        for name in self.required:
            if name not in value:
                missing = _inside(path, name)
                raise ApiError(f"Missing required param: {missing}.", code="parameter_missing", param=missing)
        return {name: self.fields[name].read(inner, _inside(path, name)) for name, inner in value.items()}


@dataclass(frozen=True)
class Unsettable:
    """A field that an empty value takes away: then None."""

    inner: Field

    def read(self, value: Any, path: str) -> Any:
        """The value, or None."""
        return None if value == "" else self.inner.read(value, path)


@dataclass(frozen=True)
class TimeRange:
    """``created=…`` or ``created[gte]=…``; gives SQL comparisons and unix seconds."""

    _signs: ClassVar = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

    def read(self, value: Any, path: str) -> list[tuple[str, int]]:
        """Pairs of comparison and bound."""
        if not isinstance(value, dict):
            return [("=", Whole().read(value, path))]
        bounds = Shape({name: Whole() for name in self._signs}).read(value, path)
        return [(self._signs[name], bound) for name, bound in bounds.items()]


def merged_metadata(before: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Metadata after an update: merged by name; an empty value takes its name away."""
    merged = {**before, **given}
    return {name: value for name, value in merged.items() if value}


def looks_like_email(text: str) -> bool:
    """Whether there is something before and a dotted name after one ``@``, and no space."""
    local, at, domain = text.partition("@")
    plain = not any(character.isspace() for character in text) and len(text) <= 512
    return bool(local and at and plain and "." in domain.strip(".") and "@" not in domain)


def _inside(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
