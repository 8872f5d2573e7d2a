"""The goals of the demo's campaigns, and when each was reached."""

from datetime import datetime

from campaign.campaigns.models import Campaign, Goal, Threshold
from campaign.cli.seed.book import Book
from campaign.cli.seed.chance import on_day
from campaign.settings import Settings

FIRST_GOAL = 1_000
_NEXT_GOAL_NOTE = "A thousand people signed within a week, so we ask for as many as the Home Office cannot overlook."
_REACHED, _REACHED_LABEL = 2_500, "Ask the Home Office for a day to hand the petition over."
_NEXT_LABEL = "Hand the petition over."


def main_goals(campaign: Campaign, book: Book, now: datetime, settings: Settings) -> list[Goal | Threshold]:
    """A small first goal that was reached, and the present one, set on the day when we told so."""
    return [
        Goal(count=FIRST_GOAL, note="", set_at=_beginning(campaign), reached_at=_time_of(book, FIRST_GOAL)),
        Goal(count=campaign.goal, note=_NEXT_GOAL_NOTE, set_at=on_day(now, settings.zone, 3, 8)),
        Threshold(count=_REACHED, label=_REACHED_LABEL, reached_at=_time_of(book, _REACHED)),
        Threshold(count=campaign.goal, label=_NEXT_LABEL),
    ]


def only_goal(campaign: Campaign, book: Book | None) -> list[Goal | Threshold]:
    """One goal since the beginning."""
    reached_at = _time_of(book, campaign.goal) if book else None
    return [Goal(count=campaign.goal, note="", set_at=_beginning(campaign), reached_at=reached_at)]


def _beginning(campaign: Campaign) -> datetime:
    return campaign.published_at or campaign.created_at


def _time_of(book: Book, count: int) -> datetime | None:
    """When so many were confirmed and not held."""
    times = sorted(row["confirmed_at"] for row in book.rows if row["confirmed_at"] and not row["held_for"])
    return times[count - 1] if len(times) >= count else None
