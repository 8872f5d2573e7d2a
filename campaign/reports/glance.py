"""A campaign at a glance: what the staff's first page shows of it. Read from sums, so it costs the same at any size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaign.petitions.models import Dimension
from campaign.reports.sources import HALF, Source, many_sources
from campaign.reports.statistics import NOTHING, Figures, days_between, many_statistics, together

DAYS = 10
SOURCES = 6


@dataclass(frozen=True)
class Glance:
    """The last days, oldest first; the articles with the most signatures; all forms; how soon half of them confirm."""

    days: Sequence[tuple[date, Figures]]
    sources: Sequence[Source]
    total: Figures
    half: float | None

    @property
    def today(self) -> Figures:
        return self.days[-1][1]


def campaign_glances(
    session: Session, campaign_ids: Sequence[int], *, zone: ZoneInfo, now: datetime
) -> dict[int, Glance]:
    """The last days and the articles of some campaigns now; four statements whatever their number."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=zone)
    days = many_statistics(session, campaign_ids, Dimension.ALL, since=since)
    sources = many_sources(session, campaign_ids)
    shown = days_between(first, today)
    return {one: _glance(days[one].series(zone).days, shown, sources[one]) for one in campaign_ids}


def _glance(days: Mapping[date, Figures], shown: Sequence[date], sources: Sequence[Source]) -> Glance:
    return Glance(
        days=[(day, days.get(day, NOTHING)) for day in shown],
        sources=[source for source in sources if source.figures.counted and not source.is_rest][:SOURCES],
        total=sum((source.figures for source in sources), NOTHING),
        half=together(source.delays for source in sources).percentile(HALF),
    )
