"""What those who are asked have said: the main campaign's in part, the closed one's in full."""

from dataclasses import dataclass
from datetime import datetime

from campaign.campaigns.answers import Answers, Point
from campaign.campaigns.models import AnswerState
from campaign.cli.seed.chance import DAYS, on_day
from campaign.settings import Settings

_S = AnswerState
# State, days ago (None: not answered), and what stands below the point.
_Said = tuple[AnswerState, int | None, str]

_MAIN: tuple[_Said, ...] = (
    (_S.PARTLY_AGREED, 4, "Passport holders can apply online. A visa is still needed."),
    (_S.NONE, None, "We have asked again."),
    (_S.REFUSED, 2, "The Home Office says that this is for the Treasury to decide. We have written to it."),
)
_MAIN_FULL = """\
The Home Office wrote to us twice.

**On the first point:** people who hold a passport no longer need an appointment. They apply online and give their \
fingerprints after they have arrived. Everybody else applies as before.

**On the third point:** matching what the public gives is a matter of spending, and so for the Treasury.

The letters do not mention the second point.
"""
_CLOSED: tuple[_Said, ...] = (
    (_S.AGREED, 36, "For one year, from ten to five."),
    (_S.AGREED, 36, "The network stays on whenever the building is open."),
)
_CLOSED_FULL = (
    "The council voted for both points. It looks at the number of visitors after a year, and decides again then."
)


@dataclass(frozen=True)
class Reply:
    """Answers, and when an editor stored them."""

    answers: Answers
    at: datetime


def main_reply(settings: Settings, now: datetime) -> Reply:
    """What the Home Office has said so far."""
    return _reply(_MAIN, _MAIN_FULL, DAYS - 1, now, settings)


def closed_reply(settings: Settings, now: datetime) -> Reply:
    """What the council has said."""
    return _reply(_CLOSED, _CLOSED_FULL, 42, now, settings)


def _reply(said: tuple[_Said, ...], full_text: str, asked_days_ago: int, now: datetime, settings: Settings) -> Reply:
    points = [
        Point(number, "", state, None if days_ago is None else on_day(now, settings.zone, days_ago).date(), text)
        for number, (state, days_ago, text) in enumerate(said, start=1)
    ]
    latest = min(days_ago for _state, days_ago, _text in said if days_ago is not None)
    asked_on = on_day(now, settings.zone, asked_days_ago).date()
    return Reply(Answers(points, asked_on, full_text), on_day(now, settings.zone, latest, 18))
