"""The periods of a subscription, counted from its anchor so that the 31st comes back after February."""

import calendar
from datetime import UTC, datetime
from typing import Any

INTERVALS = ("day", "month", "week", "year")
_SECONDS = {"day": 86400, "week": 7 * 86400}
_MONTHS = {"month": 1, "year": 12}


def boundary(anchor: int, recurring: dict[str, Any], number: int) -> int:
    """When period ``number`` (from 0) begins, unix seconds; months end where they end, in UTC."""
    interval: str = recurring["interval"]
    steps: int = number * recurring["interval_count"]
    if interval in _SECONDS:
        return anchor + steps * _SECONDS[interval]
    start = datetime.fromtimestamp(anchor, UTC)
    months = start.year * 12 + start.month - 1 + steps * _MONTHS[interval]
    year, month = months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())
