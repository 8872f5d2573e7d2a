"""What an edit of a campaign is made of: the fields that an editor sets, and the reasons that stand against it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaign.core.errors import DomainError


class Problem(StrEnum):
    """Why an edit is refused; the door has a sentence for each."""

    SLUG_TAKEN = "slug_taken"
    CURRENCY_FIXED = "currency_fixed"
    NOTE_MISSING = "note_missing"
    DEMAND_MISSING = "demand_missing"
    GOAL_NOTE_MISSING = "goal_note_missing"
    TARGET_MISSING = "target_missing"
    PICTURE_ALT_MISSING = "picture_alt_missing"
    CLOSING_PASSED = "closing_passed"
    MOVE_UNKNOWN = "move_unknown"


class EditRefused(DomainError):
    """A rule stands against the edit; `field` is where a form shows it."""

    def __init__(self, problem: Problem, field: str) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.field = field


class EditedMeanwhile(DomainError):
    """The campaign has changed since the edit began. Nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class CampaignFields:
    """What an editor may set, named as the columns are. Amounts are minor units of `currency`."""

    title: str
    slug: str
    short_name: str
    goal: int
    summary: str = ""
    story: str = ""
    target: str = ""
    country: str = "GB"
    currency: str = "GBP"
    takes_donations: bool = False
    donation_goal_minor: int | None = None
    donation_minimum_minor: int = 200
    suggested_amounts: str = "10,25,50,100"
    monthly_amounts: str = ""
    other_currencies: str = ""
    names_to_target: bool = False
    picture_alt: str = ""
    picture_credit: str = ""
    embed_hosts: str = ""
    privacy_text: str = ""
    consent_name: str = ""
    consent_updates: str = ""
    theme_name: str = ""
    logo_text: str = ""
    theme_colour: str = ""
    theme_accent: str = ""
    fundraiser_url: str | None = None
    fundraiser_label: str = ""
    fundraiser_amount_minor: int | None = None
    fundraiser_as_of: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Wording:
    """The demand as it is to read, and the public note on why it changed."""

    text: str
    note: str = ""
