"""What a campaign was given, day by day, for charts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaign.core.epoch import start_of
from campaign.donations.takings import SourceTakings, Takings, by_hour, by_source
from campaign.reports.statistics import MOST_BARS, days_between


@dataclass(frozen=True)
class Span:
    """A day, or a week, as one bar of a chart."""

    first: date
    last: date
    takings: Takings


@dataclass(frozen=True)
class CurrencyTakings:
    """One currency: the bars from the oldest to today, the articles that brought the most, and the sum of all bars."""

    currency: str
    spans: list[Span]
    sources: list[SourceTakings]

    @property
    def total(self) -> Takings:
        return sum((span.takings for span in self.spans), Takings())

    def left(self, span: Span) -> int:
        """What is left of a bar in its own currency, as a chart shows it."""
        return max(0, span.takings.left(self.currency).get(self.currency, 0))


def campaign_takings(
    session: Session, campaign_id: int, *, days: int, zone: ZoneInfo, now: datetime
) -> list[CurrencyTakings]:
    """The last so many days of a time zone, today included, by currency; as weeks where they fit no chart."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    sources = by_source(session, campaign_id, since=since)
    dates = days_between(first, today)
    return [
        CurrencyTakings(code, _spans(hours, dates, zone), [one for one in sources if one.currency == code])
        for code, hours in sorted(by_hour(session, campaign_id, since=since).items())
    ]


def _spans(hours: dict[int, Takings], days: list[date], zone: ZoneInfo) -> list[Span]:
    found: dict[date, Takings] = {}
    for hour, one in hours.items():
        day = start_of(hour).astimezone(zone).date()
        found[day] = found.get(day, Takings()) + one
    length = 1 if len(days) <= MOST_BARS else 7
    bars = [days[place : place + length] for place in range(0, len(days), length)]
    return [Span(bar[0], bar[-1], sum((found.get(day, Takings()) for day in bar), Takings())) for bar in bars]
