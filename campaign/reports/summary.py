"""A campaign's figures as several doors show them: the count and what it is made of, the gifts by currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.donations import queries as gifts
from campaign.petitions import tally
from campaign.petitions.models import CollectedTally, SignatureState

WINDOWS = 250


@dataclass(frozen=True)
class Count:
    """The petition's numbers at one moment. `confirmed` equals the confirmed rows; `total` adds what was collected."""

    confirmed: int
    removed: int
    goal: int
    collected: Sequence[CollectedTally]
    counted_at: datetime

    @property
    def total(self) -> int:
        return self.confirmed + sum(part.count for part in self.collected)

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
    """Money given in one currency, in minor units, less what went back; never added to another currency."""

    currency: str
    amount_minor: int
    goal_minor: int | None
    donors: int


def campaign_counts(session: Session, campaigns: Sequence[Campaign], *, now: datetime) -> dict[int, Count]:
    """The numbers of several campaigns now, by campaign id; two statements whatever their number."""
    ids = [campaign.id for campaign in campaigns]
    states = tally.many_counts(session, ids)
    collected = tally.collected(session, ids)
    return {
        campaign.id: Count(
            confirmed=states[campaign.id][SignatureState.CONFIRMED],
            removed=states[campaign.id][SignatureState.INVALIDATED],
            goal=campaign.goal,
            collected=collected[campaign.id],
            counted_at=now,
        )
        for campaign in campaigns
    }


def campaign_count(session: Session, campaign: Campaign, *, now: datetime) -> Count:
    """The campaign's numbers now."""
    return campaign_counts(session, [campaign], now=now)[campaign.id]


def gifts_of_campaigns(session: Session, campaigns: Sequence[Campaign]) -> dict[int, list[Given]]:
    """What was given, by campaign id, the campaign's own currency first; one statement whatever their number."""
    totals = gifts.many_totals(session, [campaign.id for campaign in campaigns])
    return {
        campaign.id: [
            Given(
                currency=currency,
                amount_minor=amount,
                goal_minor=campaign.donation_goal_minor if currency == campaign.currency else None,
                donors=donors,
            )
            for currency, amount, donors in _own_first(totals[campaign.id], campaign.currency)
        ]
        for campaign in campaigns
    }


def _own_first(totals: list[tuple[str, int, int]], own: str) -> list[tuple[str, int, int]]:
    return sorted(totals, key=lambda row: (row[0] != own, row[0]))


def campaign_gifts(session: Session, campaign: Campaign) -> list[Given]:
    """What was given to one campaign."""
    return gifts_of_campaigns(session, [campaign])[campaign.id]
