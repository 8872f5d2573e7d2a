"""A campaign's statistics, from the rollups: what became of the forms, by hour, country and source.

Every figure of one answer comes from one statement, so they belong to one moment and add up to the count.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from campaign.core.epoch import hour_of, start_of
from campaign.petitions.models import Dimension
from campaign.petitions.rollups import EVER, MEASURES, STEPS, current, current_delays

MOST_BARS = 120
# What readers and programs are given stays this long, whatever day somebody mistyped.
MOST_DAYS = 731


@dataclass(frozen=True)
class Figures:
    """What became of some forms: `counted`, `held` and `removed` are as it stands now."""

    sent: int = 0
    forgotten: int = 0
    pressed: int = 0
    counted: int = 0
    held: int = 0
    removed: int = 0

    @property
    def rate(self) -> float | None:
        """The share of the forms whose link was pressed, of 1; None where there is no form."""
        return self.pressed / self.sent if self.sent else None

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, name) + getattr(other, name) for name in MEASURES))


NOTHING = Figures()


@dataclass(frozen=True)
class Series:
    """Consecutive days, MOST_DAYS of them at most, and the sum of all that was before the first."""

    earlier: Figures
    days: dict[date, Figures]


@dataclass(frozen=True)
class Statistics:
    """One moment of a campaign: its hours (in hours since 1970), its countries and its sources, as far as asked for."""

    hours: dict[int, Figures]
    countries: dict[str, Figures]
    sources: dict[str, Figures]

    def note(self, dimension: Dimension, hour: int, value: str, figures: Figures) -> None:
        """Take in one row of the rollups."""
        if dimension is Dimension.ALL:
            self.hours[hour] = figures
        else:
            (self.countries if dimension is Dimension.COUNTRY else self.sources)[value] = figures

    @property
    def total(self) -> Figures:
        """Everything, of what was asked for; imported signatures came from no source."""
        return sum((self.countries or self.hours or self.sources).values(), NOTHING)

    def series(self, zone: ZoneInfo) -> "Series":
        """The hours as days of a time zone, up to the last, those without anything included."""
        found: dict[date, Figures] = {}
        for hour in sorted(self.hours):
            day = start_of(hour).astimezone(zone).date()
            found[day] = found.get(day, NOTHING) + self.hours[hour]
        if not found:
            return Series(NOTHING, {})
        last = max(found)
        first = max(min(found), last - timedelta(days=MOST_DAYS - 1))
        earlier = sum((figures for day, figures in found.items() if day < first), NOTHING)
        return Series(earlier, {day: found.get(day, NOTHING) for day in days_between(first, last)})

    def last_hours(self, number: int, now: datetime) -> list[tuple[datetime, Figures]]:
        """The hours up to now, oldest first, each with when it began."""
        newest = hour_of(now)
        return [(start_of(hour), self.hours.get(hour, NOTHING)) for hour in range(newest - number + 1, newest + 1)]


@dataclass(frozen=True)
class Period:
    """A day, or a week from Monday on, as one bar of a chart."""

    first: date
    last: date
    figures: Figures


def periods(days: Mapping[date, Figures]) -> list[Period]:
    """Consecutive days as they are while they fit on a chart, else as weeks."""
    if len(days) <= MOST_BARS:
        return [Period(day, day, figures) for day, figures in days.items()]
    weeks: list[Period] = []
    for day, figures in days.items():
        if weeks and day.weekday():
            weeks[-1] = Period(weeks[-1].first, day, weeks[-1].figures + figures)
        else:
            weeks.append(Period(day, day, figures))
    return weeks


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def campaign_statistics(session: Session, campaign_id: int, *dimensions: Dimension) -> Statistics:
    """A campaign's statistics by these dimensions, of ALL (its hours), COUNTRY and SOURCE."""
    return many_statistics(session, [campaign_id], *dimensions)[campaign_id]


def many_statistics(
    session: Session, campaign_ids: Sequence[int], *dimensions: Dimension, since: datetime | None = None
) -> dict[int, Statistics]:
    """`campaign_statistics` for several campaigns in one statement; of ALL only the hours from `since`."""
    rows = current(campaign_ids, *dimensions, since=hour_of(since) if since else EVER)
    keys = [rows.c.campaign_id, rows.c.dimension, rows.c.hour, rows.c.value]
    sums = [func.sum(rows.c[name]) for name in MEASURES]
    found = {campaign_id: Statistics({}, {}, {}) for campaign_id in campaign_ids}
    for campaign_id, dimension, hour, value, *numbers in session.execute(select(*keys, *sums).group_by(*keys)):
        found[campaign_id].note(dimension, hour, value, Figures(*map(int, numbers)))
    return found


@dataclass(frozen=True)
class Delays:
    """How long signers took from the form to the link: how many within which step of STEPS, in seconds."""

    steps: dict[int, int]

    @property
    def count(self) -> int:
        return sum(self.steps.values())

    def percentile(self, share: float) -> float | None:
        """After how many seconds that share of all (of 1) had pressed the link; even within a step. None for nobody."""
        reached, wanted = 0, share * self.count
        for before, upper in pairwise((0, *STEPS)):
            here = self.steps.get(upper, 0)
            if here and reached + here >= wanted:
                return before + (upper - before) * (wanted - reached) / here
            reached += here
        return None


def campaign_delays(session: Session, campaign_id: int) -> dict[str, Delays]:
    """A campaign's delays by source."""
    return many_delays(session, [campaign_id])[campaign_id]


def many_delays(session: Session, campaign_ids: Sequence[int]) -> dict[int, dict[str, Delays]]:
    """`campaign_delays` for several campaigns in one statement."""
    rows = current_delays(campaign_ids)
    keys = [rows.c.campaign_id, rows.c.source, rows.c.seconds]
    query: Select[Any] = select(*keys, func.sum(rows.c["count"])).group_by(*keys)
    found: dict[int, dict[str, Delays]] = {campaign_id: {} for campaign_id in campaign_ids}
    for campaign_id, source, seconds, number in session.execute(query):
        found[campaign_id].setdefault(source, Delays({})).steps[seconds] = int(number)
    return found


def together(delays: Iterable[Delays]) -> Delays:
    """Several sources' delays as one."""
    steps: dict[int, int] = {}
    for one in delays:
        for step, number in one.steps.items():
            steps[step] = steps.get(step, 0) + number
    return Delays(steps)
