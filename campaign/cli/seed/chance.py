"""Chance that is the same at every run, and moments that count back from now."""

import string
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from campaign.core.identifiers import LENGTH

_SEED = "suitcase"
DAYS = 10
# How much happens in each hour of a day, from midnight: few at night, more at breakfast and lunch, most after supper.
_HOURS = (3, 2, 1, 1, 1, 2, 6, 13, 16, 12, 10, 11, 15, 14, 11, 10, 12, 16, 21, 27, 33, 30, 18, 8)
# How much happens on each of the ten days: the start, a dip, the front page, the answer, the second shipment.
_DAYS = (12, 14, 9, 8, 15, 12, 14, 11, 13, 14)


def chance(subject: str) -> Random:
    """A source of chance for one subject, so that a change of one leaves the others as they were."""
    return Random(f"{_SEED}-{subject}")


def public_id(random: Random) -> str:
    """An identifier as `core.identifiers` makes them, though not a secret one."""
    return "".join(random.choices(string.ascii_lowercase + string.digits, k=LENGTH))


def stripe_id(random: Random, prefix: str, length: int) -> str:
    """An identifier that looks like Stripe's, such as `pi_…`."""
    return prefix + "".join(random.choices(string.ascii_letters + string.digits, k=length))


def moments(random: Random, count: int, *, now: datetime, zone: ZoneInfo, days: int = DAYS) -> list[datetime]:
    """So many moments of the days up to now, in order, with busy and quiet hours; in whole seconds.

    However late in the day it is, the number is the same: it is the hours that have passed which share it.
    """
    start = now - timedelta(days=days)
    hours = [start + timedelta(hours=hour) for hour in range(days * 24)]
    reach = list(accumulate(_DAYS[day // 24 % DAYS] * _HOURS[at.astimezone(zone).hour] for day, at in enumerate(hours)))
    found = []
    for draw in sorted(random.random() for _ in range(count)):
        wanted = draw * reach[-1]
        hour = bisect_right(reach, wanted)
        before = reach[hour - 1] if hour else 0
        share = (wanted - before) / (reach[hour] - before)
        found.append((hours[hour] + timedelta(hours=share)).replace(microsecond=0))
    return found


def later(moment: datetime, seconds: float, limit: datetime) -> datetime:
    """So many seconds later, or half way to the limit where that would pass it; in whole seconds."""
    wanted = moment + timedelta(seconds=seconds)
    return (wanted if wanted < limit else moment + (limit - moment) / 2).replace(microsecond=0)


def on_day(now: datetime, zone: ZoneInfo, days_ago: int, hour: int = 9) -> datetime:
    """The full hour of the day that is so many days back; negative for days to come."""
    local = now.astimezone(zone) - timedelta(days=days_ago)
    return local.replace(hour=hour, minute=0, second=0, microsecond=0)


def weighted(random: Random, pairs: Sequence[tuple[str, float]]) -> str:
    """One of the words, each as often as its weight says."""
    return random.choices([word for word, _ in pairs], [weight for _, weight in pairs])[0]
