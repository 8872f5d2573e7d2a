"""What stands between the donation form and a checkout: limits, a look for robots, and a guard after declined cards.

A robot is told by a field that people do not see, and by a form that comes back sooner than a person could fill it in.
Such haste alone stops nobody; where much of it comes, it has to solve the puzzle that all get during a burst.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.http.limits import charge, is_free
from campaign.core.puzzles import Answer, read_answer
from campaign.core.tokens import Purpose, TokenError, TokenExpired, Tokens
from campaign.donations import card_testing
from campaign.donations.card_testing import Guard, Level
from campaign.donations.models import Donation
from campaign.settings import Settings

# Nobody chooses an amount and types a name and an address within this; a browser that fills them in nearly does.
SHORTEST_FILLING = timedelta(seconds=3)
# Over the whole site. Tools and kiosks may be this quick, so it takes a crowd of them to be held against anybody.
HASTY_LIMIT = "100 per 10 minutes"


class PuzzleWanted(Exception):
    """The form must bring the answer to a puzzle, and did not bring a right and fresh one."""


class GivingPaused(Exception):
    """No checkout is opened for the time being; `guard` says until when."""

    def __init__(self, guard: Guard) -> None:
        super().__init__("giving is paused")
        self.guard = guard


@dataclass(frozen=True)
class Sent:
    """What a sent form tells of who sent it, read before the transaction: a puzzle's answer takes some milliseconds."""

    is_hasty: bool
    answer: Answer | None


def stamp(settings: Settings, campaign: Campaign) -> str:
    """What a form carries to tell when it was shown."""
    return Tokens(settings.secret_key).make(Purpose.DONATE_FORM, campaign.id, 0)


def read_sent(settings: Settings, *, opened: str, puzzle: str, now: datetime) -> Sent:
    """Judge the stamp and the answer that a form brought."""
    answer = read_answer(settings.secret_key, puzzle, now=now) if puzzle else None
    return Sent(_is_hasty(settings, opened), answer)


def _is_hasty(settings: Settings, opened: str) -> bool:
    try:
        Tokens(settings.secret_key).read(Purpose.DONATE_FORM, opened, SHORTEST_FILLING)
    except TokenExpired:
        return False  # old enough
    except TokenError:
        return True  # none of ours: the form was never looked at
    return True


def let_through(session: Session, donation: Donation, sent: Sent, *, settings: Settings, now: datetime) -> None:
    """Let a new donation on to its checkout; raised here, an error takes its row back.

    Raises GivingPaused, PuzzleWanted, and TooManyRequests where a limit is used up.
    """
    guard = card_testing.guard_of(session, donation.campaign_id, now=now)
    if guard.level is Level.PAUSE:
        raise GivingPaused(guard)
    if guard.level is Level.PUZZLE or (sent.is_hasty and not is_free(HASTY_LIMIT, "hasty", "site")):
        if sent.answer is None:
            raise PuzzleWanted
        if not card_testing.spend_puzzle(session, sent.answer.signature, expires_at=sent.answer.expires_at):
            raise PuzzleWanted
    # The site's comes last, so that a flood that is refused for another reason does not use it up.
    charge(f"{settings.checkouts_per_network} per 10 minutes", "checkout")
    charge(
        f"{settings.checkouts_per_address} per hour",
        "checkout of an address",
        donation.email_key,
        words=_("Many donations were begun with this email address. No money has moved. Try again later."),
    )
    charge(
        f"{settings.checkouts_per_minute} per minute",
        "checkouts",
        "site",
        words=_("Very many people are giving right now. No money has moved. Wait a minute and send the form again."),
    )
