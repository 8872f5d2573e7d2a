"""Controls for time and monthly gifts."""

from campaign.sandbox import agenda, collection, faults, happenings, invoices, subscriptions
from campaign.sandbox.control_input import MOST_TIMES, Given, number, only, stored
from campaign.sandbox.errors import ControlError
from campaign.sandbox.expand import public
from campaign.sandbox.world import World

_LONGEST_STEP = 10 * 365 * 86400


def time(world: World, given: Given) -> Given:
    """``{"advance_seconds": n}``: the clock goes on and what was due by then happens."""
    only(given, "advance_seconds")
    return _advance(world, number(given, "advance_seconds", 0, _LONGEST_STEP))


def renew(world: World, given: Given) -> Given:
    """``{"subscription": id}``: the clock goes on until its next renewal is charged; without, the next of any."""
    only(given, "subscription")
    about = str(given.get("subscription", ""))
    due = agenda.next_time(world, subscriptions.RENEW, about)
    if due is None:
        raise ControlError(f"nothing to renew: {about or 'there is no subscription'}")
    return _advance(world, max(0, due + invoices.DRAFT_FOR + 1 - world.now()))


def _advance(world: World, seconds: int) -> Given:
    world.advance(seconds)
    happenings.catch_up(world)
    return {"now": world.now(), "clock_offset": world.offset()}


def fail_renewals(world: World, given: Given) -> Given:
    """``{"subscription": id, "times": n, "decline_code": …}``: the next charges of a subscription (of any) fail."""
    only(given, "subscription", "times", "decline_code")
    times = number(given, "times", 1, MOST_TIMES, default=1)
    code = str(given.get("decline_code", "generic_decline"))
    faults.order_declines(world, str(given.get("subscription", "*")), code, times)
    return {"times": times}


def bill(world: World, given: Given) -> Given:
    """``{"subscription": id}``: charge it now, even one that was cancelled; the invoice."""
    only(given, "subscription")
    subscription = stored(world, given, "subscription", "subscription")
    if not subscription["default_payment_method"]:
        raise ControlError(f"{subscription['id']} has no card to charge")
    return public(collection.bill(world, subscription))
