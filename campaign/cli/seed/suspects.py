"""The last hours of the main campaign, as moderators find them: one of each thing that screening notices."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaign.cli.seed.book import Book, Entry
from campaign.cli.seed.chance import chance
from campaign.cli.seed.people import Person
from campaign.petitions.models import Listing, ListSubject, ScreeningAction, Signal
from campaign.petitions.screening import Finding
from campaign.petitions.screening.rules import Rules

S = Signal
_DOMAIN = "readers.example"  # where nobody of the crowd is
_BLOCKED_DOMAIN = "casino-mail.example"


@dataclass(frozen=True)
class Suspect:
    """Who signed so many minutes ago, what they wrote, and what was found. `local` is the address before the @."""

    minutes: int
    name: str
    local: str
    findings: tuple[Finding, ...]
    comment: str = ""
    country: str = "GB"
    source: str = ""
    domain: str = _DOMAIN
    shown: bool = False


_SUSPECTS = (
    Suspect(
        31, "Katya M", "k.m", (Finding(S.COMMENT_PHONE),),
        "My aunt is still in Irpin. If you can help, ring me on 07700 900914.",
        source="second-shipment-confirmed", shown=True,
    ),
    Suspect(44, "Asdf Asdf", "asdf", (Finding(S.NAME),)),
    Suspect(58, "Bernard O’Rourke", "b.orourke+news", (Finding(S.SAME_MAILBOX, detail={"earlier": 1}),), country="IE"),
    Suspect(65, "Mickey Mouse", "mm1928", (Finding(S.NAME),)),
    Suspect(
        72, "Rahul Deshmukh", "rahul.d", (Finding(S.COMMENT_WORDS),),
        "The people at the station are angels, and the minister is an arsehole.",
    ),
    Suspect(83, "Ілона Шевчук", "ilona.sh", (Finding(S.QUICK_CONFIRMATION, detail={"seconds": 4}),), country="UA"),
    Suspect(
        97, "Grace Adeyemi", "g.adeyemi", (Finding(S.COMMENT_ADDRESS),),
        "We can take in four. Write to grace@readers.example and we will drive to the port.", shown=True,
    ),
    Suspect(
        118, "Marta Wójcik", "marta.w", (Finding(S.COMMENT_LINK, holds=False),),
        "I wrote down what we saw: https://diary.example/przemysl", country="PL", shown=True,
    ),
    Suspect(
        131, "Lucky Winner", "promo7",
        (
            Finding(S.BLOCKED_ADDRESS), Finding(S.BLOCKED_DOMAIN), Finding(S.COMMENT_WORDS),
            Finding(S.COMMENT_LINK, holds=False),
        ),
        "Best odds at www.casino-mail.example: casino of the year", domain=_BLOCKED_DOMAIN,
    ),
)  # fmt: skip
_EARLIER = Suspect(4_000, "Bernard O’Rourke", "b.orourke", (), country="IE")


def add_suspects(book: Book, now: datetime) -> None:
    """Add them, and what a moderator had set before they came."""
    random = chance("suspects")
    for suspect in (_EARLIER, *_SUSPECTS):
        at = (now - timedelta(minutes=suspect.minutes)).replace(microsecond=0)
        address = f"2001:db8:{random.randrange(1, 65_536):x}::1"
        row = book.sign(
            _person(suspect), at, source=suspect.source, address=address, version=2, show_name=suspect.shown
        )
        if suspect.comment:
            book.comment(row, suspect.comment)
        book.confirm(row, at + timedelta(seconds=random.randrange(30, 240)), *suspect.findings)
    book.rules.append((_rules(), now - timedelta(days=4)))
    book.entries.extend(_entries(now))


def _person(suspect: Suspect) -> Person:
    return Person(
        name=suspect.name,
        email=f"{suspect.local}@{suspect.domain}",
        country=suspect.country,
        language="en",
        postcode="",
        can_be_shown=suspect.shown,
    )


def _rules() -> Rules:
    """The defaults, but that links in comments hold nobody."""
    usual = Rules()
    return replace(usual, actions=dict(usual.actions) | {S.COMMENT_LINK: ScreeningAction.MARK})


def _entries(now: datetime) -> Iterator[Entry]:
    yield Entry(
        Listing.ALLOWED, ListSubject.NETWORK, "192.0.2.0/24", "Central Library, reading room", now - timedelta(days=6)
    )
    yield Entry(Listing.BLOCKED, ListSubject.DOMAIN, _BLOCKED_DOMAIN, "Advertises in comments", now - timedelta(days=3))
    yield Entry(
        Listing.BLOCKED, ListSubject.NETWORK, "203.0.113.0/24", "Robots, in the first night", now - timedelta(days=8)
    )
    yield Entry(
        Listing.BLOCKED, ListSubject.ADDRESS, "promo*@*.example", "Advertises in comments", now - timedelta(days=3)
    )
