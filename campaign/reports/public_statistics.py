"""What the public may know of a campaign's statistics: per day, and per country without small figures.

A country with fewer than SMALLEST signatures is not told by itself: who lives there and signed could be guessed. Nor
must what is left out follow from what is told. So the small ones stand together, and where they are too few together,
the next larger country joins them; the total less all that is told is then never small. Days are told as they are:
the count itself is public at every moment.
"""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaign.petitions.models import Dimension
from campaign.reports.statistics import campaign_statistics

SMALLEST = 10


@dataclass(frozen=True)
class PublicStatistics:
    """Confirmed signatures by day of confirmation, by country, and of the countries that are not told apart.

    `earlier` is how many were confirmed before the first of the days.
    """

    confirmed: int
    earlier: int
    days: list[tuple[date, int]]
    countries: list[tuple[str, int]]
    other_countries: int


def public_statistics(session: Session, campaign_id: int, *, zone: ZoneInfo) -> PublicStatistics:
    """A campaign's statistics for everybody, of one moment.

    The days with what was earlier, and the countries, add up to `confirmed`.
    """
    found = campaign_statistics(session, campaign_id, Dimension.ALL, Dimension.COUNTRY)
    countries, other = tell_countries({code: figures.counted for code, figures in found.countries.items()})
    series = found.series(zone)
    days = [(day, figures.counted) for day, figures in series.days.items()]
    return PublicStatistics(found.total.counted, series.earlier.counted, days, countries, other)


def tell_countries(counts: dict[str, int]) -> tuple[list[tuple[str, int]], int]:
    """The countries that may be told, most first, and how many signatures all others have together."""
    ordered = sorted(((code, count) for code, count in counts.items() if count), key=lambda one: (-one[1], one[0]))
    told = [(code, count) for code, count in ordered if count >= SMALLEST and code]
    other = sum(counts.values()) - sum(count for _, count in told)
    while told and 0 < other < SMALLEST:
        other += told.pop()[1]
    return told, other
