"""What was handed over in the demo, and when an editor recorded it."""

from dataclasses import dataclass
from datetime import datetime

from campaign.campaigns.handovers import HandoverFields
from campaign.cli.seed.chance import on_day
from campaign.settings import Settings

CLOSED_HANDED_DAYS_AGO = 42


@dataclass(frozen=True)
class HandedOver:
    """A hand-over as it is recorded."""

    fields: HandoverFields
    at: datetime


def closed_handover(settings: Settings, now: datetime) -> HandedOver:
    """The petition for the library, at the town hall."""
    fields = HandoverFields(
        handed_on=on_day(now, settings.zone, CLOSED_HANDED_DAYS_AGO).date(),
        recipient="the city council",
        signatures=200,
        body=(
            "Nine of us walked from the library to the town hall, with the number on a sheet and no names on it. The "
            "clerk of the council took it at the door and signed for it."
        ),
        answer=(
            "“The library stays open on Sundays for a year, from ten to five. The free network stays on whenever the "
            "building is open.”"
        ),
        is_public=True,
    )
    return HandedOver(fields, on_day(now, settings.zone, CLOSED_HANDED_DAYS_AGO, 19))
