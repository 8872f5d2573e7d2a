"""What the moderators' list may be narrowed to."""

from dataclasses import dataclass
from datetime import datetime

from campaign.petitions.models import CommentState, Signal, SignatureState


@dataclass(frozen=True)
class Likeness:
    """What makes signatures alike: their state, with the reason they are held for, their network, or both."""

    state: SignatureState
    held_for: Signal | None = None
    network_hash: str | None = None


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; None or empty leaves a filter out.

    `countries` are codes that `search` may mean. `flag` finds what screening noticed, whether it held for it or only
    marked it. A signature needs to meet one of `like`.
    """

    state: SignatureState | None = None
    search: str = ""
    countries: tuple[str, ...] = ()
    flag: Signal | None = None
    source: str = ""
    country: str = ""
    comment: CommentState | None = None
    since: datetime | None = None
    network_hash: str | None = None
    like: tuple[Likeness, ...] | None = None
