"""Reading what a control was given; ControlError says what is wrong with it."""

from typing import Any

from campaign.sandbox.errors import ControlError
from campaign.sandbox.refunds import charge_to_refund
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

Given = dict[str, Any]
MOST_TIMES = 10_000


def only(given: Given, *names: str) -> None:
    """Refuse what a control does not know."""
    if unknown := set(given) - set(names):
        raise ControlError(f"unknown: {', '.join(sorted(unknown))}")


def number(given: Given, name: str, least: int, most: int, default: int | None = None) -> int:
    """A whole number within bounds."""
    value = given.get(name, default)
    if type(value) is not int or not least <= value <= most:
        raise ControlError(f"{name} must be a whole number from {least} to {most}")
    return value


def choice(given: Given, name: str, words: tuple[str, ...], default: str = "") -> str:
    """One of a few words."""
    value = given.get(name, default)
    if value not in words:
        raise ControlError(f"{name} must be one of: {', '.join(words)}")
    return str(value)


def stored(world: World, given: Given, name: str, kind: str) -> Obj:
    """The object whose id was given."""
    found = world.store.find(str(given.get(name)), kind)
    if not found:
        raise ControlError(f"no such {name}: {given.get(name)}")
    return found


def charge_of(world: World, given: Given) -> Obj:
    """The succeeded charge that ``charge`` or ``payment_intent`` names. Raises ApiError."""
    return charge_to_refund(world.store, given.get("charge"), given.get("payment_intent"))
