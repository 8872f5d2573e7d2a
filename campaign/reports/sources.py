"""What each article brought: forms sent, signatures confirmed, how soon, and money given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from campaign.core.csv_writing import Output, quoting_writer
from campaign.core.money import plain_amount
from campaign.core.text import inert_cell
from campaign.donations.sources import SourceGifts, given_by_source
from campaign.petitions.models import Dimension
from campaign.petitions.rollups import OTHER_SOURCES
from campaign.reports.statistics import NOTHING, Delays, Figures, many_delays, many_statistics

NINE_IN_TEN = 0.9
HALF = 0.5


@dataclass(frozen=True)
class Source:
    """One article; an empty name is readers who came without one, `is_rest` the articles beyond what is kept apart."""

    name: str
    figures: Figures = NOTHING
    delays: Delays = field(default_factory=lambda: Delays({}))
    given: Sequence[SourceGifts] = ()

    @property
    def is_rest(self) -> bool:
        return self.name == OTHER_SOURCES


def campaign_sources(session: Session, campaign_id: int) -> list[Source]:
    """All sources of a campaign's forms and gifts, those with the most signatures first."""
    return many_sources(session, [campaign_id])[campaign_id]


def many_sources(session: Session, campaign_ids: Sequence[int]) -> dict[int, list[Source]]:
    """`campaign_sources` for several campaigns; three statements whatever their number."""
    statistics = many_statistics(session, campaign_ids, Dimension.SOURCE)
    delays, given = many_delays(session, campaign_ids), given_by_source(session, campaign_ids)
    return {one: _sources(statistics[one].sources, delays[one], given[one]) for one in campaign_ids}


def _sources(
    figures: Mapping[str, Figures], delays: Mapping[str, Delays], gifts: Sequence[SourceGifts]
) -> list[Source]:
    given: dict[str, list[SourceGifts]] = {}
    for one in gifts:
        given.setdefault(one.source, []).append(one)
    found = [
        Source(name, figures.get(name, NOTHING), delays.get(name, Delays({})), given.get(name, ()))
        for name in {*figures, *given}
    ]
    return sorted(found, key=lambda one: (-one.figures.counted, -one.figures.sent, one.name))


def write_csv(sources: Sequence[Source], output: Output) -> None:
    """The sources as RFC 4180, a column for each currency; no cell is one that a spreadsheet would run."""
    currencies = sorted({gifts.currency for source in sources for gifts in source.given})
    writer = quoting_writer(output, line_end="\r\n")
    writer.writerow(
        ["source", "forms_sent", "links_pressed", "confirm_rate", "counted", "held", "removed", "median_seconds",
         "ninetieth_percentile_seconds", "gifts", *(f"given_{currency}" for currency in currencies)]
    )  # fmt: skip
    for source in sources:
        figures, given = source.figures, {gifts.currency: gifts.amount_minor for gifts in source.given}
        writer.writerow(
            [
                inert_cell(source.name),
                figures.sent,
                figures.pressed,
                "" if figures.rate is None else f"{figures.rate:.4f}",
                figures.counted,
                figures.held,
                figures.removed,
                _seconds(source.delays.percentile(HALF)),
                _seconds(source.delays.percentile(NINE_IN_TEN)),
                sum(gifts.gifts for gifts in source.given),
                *(plain_amount(given.get(currency, 0), currency) for currency in currencies),
            ]
        )


def _seconds(value: float | None) -> str:
    return "" if value is None else str(round(value))
