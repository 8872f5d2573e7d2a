"""Watching for card testing by the timetable: looked for in plain reads, acted on in one transaction."""

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations import card_testing
from campaign.donations.card_testing import Thresholds
from campaign.settings import Settings


def watch_declines(settings: Settings) -> int:
    """Put a puzzle or a pause before giving where cards are declined in a burst; gives how many bursts were told of."""
    now = clock.now()
    thresholds = Thresholds(settings.puzzle_at_declines, settings.pause_at_declines)
    if not card_testing.is_any_burst(db.session(), thresholds, now=now):
        return 0
    with transaction() as session:
        return card_testing.watch(
            session, thresholds, hash_key=settings.hash_key, language=settings.languages[0], now=now
        )
