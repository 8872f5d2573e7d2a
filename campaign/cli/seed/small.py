"""Who signed the smaller campaigns: a few since yesterday, and some two hundred until the other one closed."""

from datetime import datetime, timedelta

from campaign.cli.seed.book import Book, Deed
from campaign.cli.seed.chance import chance, later, moments
from campaign.cli.seed.people import Crowd
from campaign.petitions.moderation import ModerationAction
from campaign.settings import Settings

_FRESH, _FRESH_PENDING, _FRESH_SHOWN = 17, 3, 4
_CLOSED, _CLOSED_INVALID, _CLOSED_WITHDRAWN = 236, 5, 3
_REASON = "Signed twice, under two addresses."


def sign_fresh(settings: Settings, crowd: Crowd, now: datetime) -> Book:
    """The first day of a campaign."""
    random, book = chance("fresh"), Book(settings)
    for number, at in enumerate(moments(random, _FRESH, now=now, zone=settings.zone, days=1)):
        person = crowd.person()
        address = f"2001:db8:{random.randrange(1, 65_536):x}::1"
        row = book.sign(person, at, source="let-doctors-work" if number % 3 else "", address=address)
        row["show_name"] = number < _FRESH_SHOWN and person.can_be_shown
        if number % 6 != 5 or number > 6 * _FRESH_PENDING:
            book.confirm(row, later(at, random.randrange(60, 900), now))
    return book


def sign_closed(settings: Settings, crowd: Crowd, *, opened: datetime, closed: datetime) -> Book:
    """A campaign of long ago: no networks any more, nobody pending."""
    random, book = chance("closed"), Book(settings)
    days = (closed - opened).days
    odd = random.sample(range(_CLOSED * 3 // 4), _CLOSED_INVALID + _CLOSED_WITHDRAWN)
    decided = closed - timedelta(days=7)
    invalid = []
    for number, at in enumerate(moments(random, _CLOSED, now=closed, zone=settings.zone, days=days)):
        person = crowd.person()
        row = book.sign(person, at, source="a-sunday-in-the-reading-room" if number % 4 else "", address=None)
        row["show_name"] = random.random() < 0.3 and person.can_be_shown
        confirmed_at = later(at, random.randrange(60, 7200), closed)
        book.confirm(row, confirmed_at)
        if number in odd[:_CLOSED_INVALID]:
            invalid.append(row)
        elif number in odd:
            book.withdrawals.append((row, later(confirmed_at, 86_400, closed)))
    book.deeds.append(Deed(ModerationAction.INVALIDATE, invalid, _REASON, decided))
    return book
