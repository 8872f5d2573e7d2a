"""A campaign's figures as several doors show them: the count and what it is made of, the gifts by currency."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from campaign.campaigns.goals import many_goals
from campaign.campaigns.models import Campaign, Goal
from campaign.donations import queries as gifts
from campaign.donations.offline import many_offline_totals
from campaign.petitions import tally
from campaign.petitions.imports.queries import many_imports
from campaign.petitions.models import CollectedTally, Origin, SignatureImport, SignatureState

WINDOWS = 250


@dataclass(frozen=True)
class Elsewhere:
    """Signatures of one source that were not given here, and the day up to which they were collected."""

    origin: str
    source: str
    count: int
    counted_on: date


@dataclass(frozen=True)
class Count:
    """The petition's numbers at one moment. `confirmed` equals the confirmed rows; `total` adds the tallies.

    `imported` are confirmed rows that came in files, `collected` the tallies of what has no rows. `goals` are the goals
    so far, the present one last.
    """

    confirmed: int
    removed: int
    goal: int
    imported: Sequence[Elsewhere]
    collected: Sequence[CollectedTally]
    goals: Sequence[Goal]
    counted_at: datetime

    @property
    def total(self) -> int:
        return self.confirmed + sum(part.count for part in self.collected)

    @property
    def here(self) -> int:
        """How many of the confirmed ones were given here."""
        return self.confirmed - sum(part.count for part in self.imported)

    @property
    def elsewhere(self) -> list[Elsewhere | CollectedTally]:
        """What the total is made of beside those given here, oldest first."""
        return sorted([*self.imported, *self.collected], key=lambda part: part.counted_on)

    @property
    def by_origin(self) -> dict[Origin, int]:
        """The total by where signatures were given; all origins are there, zero included."""
        found = dict.fromkeys(Origin, 0) | {Origin.ONLINE: self.here}
        for part in self.elsewhere:
            found[Origin(part.origin)] += part.count
        return found

    @property
    def reached_at(self) -> datetime | None:
        """When the present goal was reached, where it is."""
        return self.goals[-1].reached_at if self.goals and self.total >= self.goal else None

    @property
    def people_per_window(self) -> int:
        """How many people one of the 250 windows stands for, rounded up so that all fit."""
        return max(1, -(-self.goal // WINDOWS))

    @property
    def windows_lit(self) -> int:
        """How many windows are lit; never one that is not fully earned."""
        return min(WINDOWS, self.total // self.people_per_window)


@dataclass(frozen=True)
class Given:
    """Money given in one currency, in minor units, less what went back; never added to another currency.

    `offline_minor` of it came in cash, by cheque or by bank transfer. `donors` gave here: how many people stand behind
    a collecting box is not known.
    """

    currency: str
    amount_minor: int
    goal_minor: int | None
    donors: int
    offline_minor: int = 0

    @property
    def here_minor(self) -> int:
        return self.amount_minor - self.offline_minor


def campaign_counts(session: Session, campaigns: Sequence[Campaign], *, now: datetime) -> dict[int, Count]:
    """The numbers of several campaigns now, by campaign id; four statements whatever their number."""
    ids = [campaign.id for campaign in campaigns]
    cells = tally.many_cells(session, ids)
    states = {campaign_id: tally.count_states(cells[campaign_id]) for campaign_id in ids}
    collected, goals = tally.collected(session, ids), many_goals(session, ids)
    imports = many_imports(session, {cell.import_id for some in cells.values() for cell in some if cell.import_id})
    return {
        campaign.id: Count(
            confirmed=states[campaign.id][SignatureState.CONFIRMED],
            removed=states[campaign.id][SignatureState.INVALIDATED],
            goal=campaign.goal,
            imported=_by_source(cells[campaign.id], imports),
            collected=collected[campaign.id],
            goals=goals[campaign.id],
            counted_at=now,
        )
        for campaign in campaigns
    }


def _by_source(cells: Iterable[tally.Cell], imports: Mapping[int, SignatureImport]) -> list[Elsewhere]:
    """The confirmed signatures that came in files; several files of one source are told as one."""
    found: dict[tuple[str, str], Elsewhere] = {}
    for cell in cells:
        if cell.import_id is None or cell.state is not SignatureState.CONFIRMED:
            continue
        brought = imports[cell.import_id]
        key = (brought.origin.value, brought.source)
        before = found.get(key, Elsewhere(*key, 0, brought.collected_on))
        day = max(before.counted_on, brought.collected_on)
        found[key] = Elsewhere(*key, before.count + cell.count, day)
    return list(found.values())


def campaign_count(session: Session, campaign: Campaign, *, now: datetime) -> Count:
    """The campaign's numbers now."""
    return campaign_counts(session, [campaign], now=now)[campaign.id]


def gifts_of_campaigns(session: Session, campaigns: Sequence[Campaign]) -> dict[int, list[Given]]:
    """What was given, by campaign id, the campaign's own currency first; two statements whatever their number."""
    ids = [campaign.id for campaign in campaigns]
    here, offline = gifts.many_totals(session, ids), many_offline_totals(session, ids)
    return {campaign.id: _given(campaign, here[campaign.id], offline[campaign.id]) for campaign in campaigns}


def _given(campaign: Campaign, here: list[tuple[str, int, int]], offline: Mapping[str, int]) -> list[Given]:
    paid = {currency: (amount, donors) for currency, amount, donors in here}
    found = []
    for currency in sorted({*paid, *offline}, key=lambda code: (code != campaign.currency, code)):
        amount, donors = paid.get(currency, (0, 0))
        elsewhere = offline.get(currency, 0)
        goal = campaign.donation_goal_minor if currency == campaign.currency else None
        found.append(Given(currency, amount + elsewhere, goal, donors, elsewhere))
    return found


def campaign_gifts(session: Session, campaign: Campaign) -> list[Given]:
    """What was given to one campaign."""
    return gifts_of_campaigns(session, [campaign])[campaign.id]
