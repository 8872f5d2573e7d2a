"""What a campaign's screening is set to: what each signal does, from which numbers on, and the words to look for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.core.errors import DomainError
from campaign.petitions.models import ScreeningAction, ScreeningRules, Signal
from campaign.petitions.screening.starting_words import ANY_LANGUAGE, STARTING_WORDS, Words

# What is set here: a person's own decision is no rule.
SET_SIGNALS = tuple(signal for signal in Signal if signal is not Signal.MODERATOR)
# A busy hour is rather news than fraud: it is marked, so that moderators look.
_ONLY_MARKED = frozenset({Signal.COUNTRY_SURGE, Signal.CAMPAIGN_SURGE})
MOST_WORDS = 300
LONGEST_WORD = 60


class RulesChangedMeanwhile(DomainError):
    """Somebody else changed the rules since they were shown."""


@dataclass(frozen=True)
class Bounds:
    """The smallest and the largest value that may be set: what is looked up for one signature stays bounded."""

    least: int
    most: int


@dataclass(frozen=True)
class Numbers:
    """The thresholds, with good defaults for a campaign of any size."""

    burst_limit: int = 20
    burst_minutes: int = 10
    quick_seconds: int = 10
    country_least: int = 30
    country_times: int = 4
    campaign_least: int = 300
    campaign_times: int = 5

    @property
    def burst_window(self) -> timedelta:
        return timedelta(minutes=self.burst_minutes)


BOUNDS = {
    "burst_limit": Bounds(1, 1000),
    "burst_minutes": Bounds(1, 1440),
    "quick_seconds": Bounds(1, 600),
    "country_least": Bounds(5, 100_000),
    "country_times": Bounds(2, 100),
    "campaign_least": Bounds(10, 1_000_000),
    "campaign_times": Bounds(2, 100),
}


@dataclass(frozen=True)
class Rules:
    """All of it. `edition` is zero while nobody has changed anything."""

    actions: Mapping[Signal, ScreeningAction] = field(
        default_factory=lambda: {
            signal: ScreeningAction.MARK if signal in _ONLY_MARKED else ScreeningAction.HOLD for signal in SET_SIGNALS
        }
    )
    numbers: Numbers = field(default_factory=Numbers)
    words: Mapping[str, Words] = field(default_factory=lambda: STARTING_WORDS)
    edition: int = 0

    def words_for(self, language: str) -> Words:
        """The words of a page's language together with those for any."""
        own, general = (self.words.get(code, Words()) for code in (language, ANY_LANGUAGE))
        return Words(names=(*general.names, *own.names), comments=(*general.comments, *own.comments))


def rules_of(session: Session, campaign_id: int) -> Rules:
    """The rules of a campaign: the defaults, and what was set over them."""
    row = session.get(ScreeningRules, campaign_id)
    return _read(row) if row is not None else Rules()


def _read(row: ScreeningRules) -> Rules:
    default = Rules()
    known = {each.name for each in fields(Numbers)}
    return Rules(
        actions=dict(default.actions) | {Signal(name): ScreeningAction(value) for name, value in row.actions.items()},
        numbers=Numbers(**{name: value for name, value in row.numbers.items() if name in known}),
        words=dict(default.words)
        | {code: Words(tuple(lists["names"]), tuple(lists["comments"])) for code, lists in row.words.items()},
        edition=row.edition,
    )


def set_rules(session: Session, campaign_id: int, wanted: Rules, *, actor: str, now: datetime) -> bool:
    """Store what differs from the defaults; gives whether anything changed.

    `wanted.edition` is the edition that was shown. Raises RulesChangedMeanwhile where it is not the newest any more.
    """
    # The campaign's row is there to be locked where the rules are not yet.
    locked = select(Campaign.slug).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    slug = session.scalars(locked).one()
    row = session.get(ScreeningRules, campaign_id)
    before = _read(row) if row is not None else Rules()
    if before.edition != wanted.edition:
        raise RulesChangedMeanwhile("Somebody else has changed these rules meanwhile.")
    changes = _changes(before, wanted)
    if not changes:
        return False
    if row is None:
        row = ScreeningRules(campaign_id=campaign_id)
        session.add(row)
    default = Rules()
    row.actions = {
        signal.value: action.value for signal, action in wanted.actions.items() if action is not default.actions[signal]
    }
    shipped = asdict(default.numbers)
    row.numbers = {name: value for name, value in asdict(wanted.numbers).items() if value != shipped[name]}
    row.words = {
        code: {"names": list(lists.names), "comments": list(lists.comments)}
        for code, lists in wanted.words.items()
        if lists != default.words.get(code, Words())
    }
    row.updated_at = now
    record(
        session, actor=actor, action="screening.rules", object_type="campaign", object_id=slug, now=now,
        campaign_id=campaign_id, **changes,
    )  # fmt: skip
    return True


def _changes(before: Rules, wanted: Rules) -> dict[str, Any]:
    """What the trail keeps: for signals and numbers from what to what, for words only whose lists changed."""
    then, now = asdict(before.numbers), asdict(wanted.numbers)
    changes = {
        signal.value: f"{before.actions[signal].value} → {action.value}"
        for signal, action in wanted.actions.items()
        if action is not before.actions[signal]
    }
    changes |= {name: f"{then[name]} → {value}" for name, value in now.items() if value != then[name]}
    words = [code for code, lists in wanted.words.items() if lists != before.words.get(code, Words())]
    return changes | ({"words": ", ".join(sorted(words))} if words else {})
