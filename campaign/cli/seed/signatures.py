"""Who signed the main campaign, when, out of which article, and what became of each signature."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from campaign.cli.seed.book import Book, Deed, Row
from campaign.cli.seed.chance import chance, later, moments, on_day, weighted
from campaign.cli.seed.people import THROWAWAY_DOMAIN, Crowd, Person
from campaign.cli.seed.remarks import COMMENTS
from campaign.cli.seed.suspects import add_suspects
from campaign.cli.seed.texts import ARTICLES
from campaign.petitions.models import CommentState, Signal
from campaign.petitions.moderation import ModerationAction
from campaign.petitions.screening import Finding
from campaign.petitions.screening.rules import Numbers
from campaign.settings import Settings

ORDINARY = 2_940
BURST = 60
REWORDED = 0.45  # the share of signatures given to the demand's first wording
_A = ModerationAction
_NEVER_CONFIRMED, _DISOWNED, _WITHDRAWN, _THROWAWAY, _HONEYPOT = 236, 14, 24, 11, 7
_BURST_NETWORK = "198.51.100.7"  # RFC 5737: an address for examples


@dataclass(frozen=True)
class Act:
    """What a moderator did: to `count` signatures out of a stretch of all, some of which screening had held."""

    actions: tuple[ModerationAction, ...]
    start: float
    end: float
    count: int
    reason: str
    screened: Signal | None = None
    names: tuple[str, ...] = ()


ACTS = (
    Act(
        (_A.INVALIDATE,), 0.10, 0.28, 23, "A script filled in the field that people do not see.", Signal.HONEYPOT,
        ("Xkrtv Plomq", "Wqzzj Bnaav", "Trrpl Oovex", "Jjhgf Dsaqw"),
    ),
    Act((_A.INVALIDATE,), 0.30, 0.52, 19, "Wrote to say that they had signed already, under another address."),
    Act((_A.RELEASE,), 0.33, 0.48, 8, "Answered our mail: a relay address of a real mailbox.", Signal.THROWAWAY_DOMAIN),
    Act((_A.INVALIDATE, _A.RESTORE), 0.40, 0.60, 6, "Looked like one script, and was a class of students."),
    Act(
        (_A.INVALIDATE,), 0.55, 0.75, 12, "Not the name of a person.",
        screened=Signal.NAME,
        names=("Test Test", "Nobody At All", "Donald Duck", "Anon Anonymous", "Asdf Ghjk", "Your Name"),
    ),
    Act((_A.HOLD,), 0.70, 0.90, 9, "Somebody wrote that their name was used. Asked all nine by mail."),
)  # fmt: skip


@dataclass(frozen=True)
class Signed:
    """The book, and when the demand was reworded."""

    book: Book
    reworded_at: datetime


def sign_main(settings: Settings, crowd: Crowd, now: datetime) -> Signed:
    """Ten days of signatures, and one burst."""
    random, book = chance("signatures"), Book(settings)
    times = moments(random, ORDINARY, now=now, zone=settings.zone)
    fates = _fates(random)
    reworded_at = times[int(ORDINARY * REWORDED)]
    done: dict[Act, list[Row]] = {act: [] for act in ACTS}
    for index, at in enumerate(times):
        fate = fates.get(index)
        person = _person(crowd, random, fate)
        row = _sign(book, person, at, random, version=1 if at < reworded_at else 2, source=_article(random, index))
        limit = _time_of(fate, times, now) if isinstance(fate, Act) else now
        pressed_at = later(at, _patience(random), limit)
        _settle(book, row, fate, pressed_at, later(pressed_at, random.uniform(1, 40) * 3600, now))
        if isinstance(fate, Act):
            done[fate].append(row)
    for act, rows in done.items():
        _act(book, act, rows, _time_of(act, times, now))
    _remark(book, random, now)
    _burst(book, crowd, random, on_day(now, settings.zone, 2, 21))
    add_suspects(book, now)
    return Signed(book, reworded_at)


def _fates(random: Random) -> dict[int, Act | str]:
    """What becomes of which signature; those that are not named are confirmed and stay so."""
    fates: dict[int, Act | str] = {}
    for act in ACTS:
        stretch = range(int(act.start * ORDINARY), int(act.end * ORDINARY))
        fates |= dict.fromkeys(random.sample([index for index in stretch if index not in fates], act.count), act)
    rest = [index for index in range(ORDINARY) if index not in fates]
    random.shuffle(rest)
    for fate, count in (
        ("pending", _NEVER_CONFIRMED), ("disowned", _DISOWNED), ("withdrawn", _WITHDRAWN),
        (Signal.THROWAWAY_DOMAIN, _THROWAWAY), (Signal.HONEYPOT, _HONEYPOT),
    ):  # fmt: skip
        fates |= dict.fromkeys(rest[:count], fate)
        del rest[:count]
    return fates


def _signal(fate: Act | str | None) -> Signal | None:
    """What screening found, where it found something."""
    if isinstance(fate, Act):
        return fate.screened
    return fate if isinstance(fate, Signal) else None


def _person(crowd: Crowd, random: Random, fate: Act | str | None) -> Person:
    """Somebody whose name and address fit what is going to happen."""
    person = crowd.person(THROWAWAY_DOMAIN if _signal(fate) is Signal.THROWAWAY_DOMAIN else "")
    if isinstance(fate, Act) and fate.names:
        return replace(person, name=random.choice(fate.names), can_be_shown=False)
    return person


def _sign(book: Book, person: Person, at: datetime, random: Random, *, version: int, source: str) -> Row:
    # RFC 3849: networks for examples. So many that nobody shares one by chance.
    address = f"2001:db8:{random.randrange(1, 65_536):x}::1"
    shown, updates = random.random() < 0.38, random.random() < 0.34
    row = book.sign(person, at, source=source, address=address, version=version, wants_updates=updates)
    row["show_name"] = shown and person.can_be_shown
    return row


def _article(random: Random, index: int) -> str:
    """The article that brought the reader: a new one brings most; one in nine readers came without."""
    share = index / ORDINARY
    out = [(slug, weight / (1 + 12 * (share - start))) for slug, start, weight in ARTICLES if start <= share]
    return weighted(random, out) if random.random() < 8 / 9 else ""


def _patience(random: Random) -> float:
    """Seconds until the mail was opened: four minutes for half of the people, a day for some."""
    return min(240 * random.lognormvariate(0, 1.4), 36 * 3600.0)


def _settle(book: Book, row: Row, fate: Act | str | None, pressed_at: datetime, left_at: datetime) -> None:
    """What happened to it before any moderator came: when its link was pressed, and when some took it back."""
    signal = _signal(fate)
    row["honeypot"] = signal is Signal.HONEYPOT
    row["wants_updates"] &= fate not in ("disowned", "withdrawn")
    if fate == "disowned":
        book.withdrawals.append((row, pressed_at))
    elif fate != "pending":
        book.confirm(row, pressed_at, *([Finding(signal)] if signal else []))
    if fate == "withdrawn":
        book.withdrawals.append((row, left_at))


def _time_of(act: Act, times: list[datetime], now: datetime) -> datetime:
    """An hour and a half after the last of its signatures could have come."""
    return later(times[int(act.end * ORDINARY)], 5400, now)


def _act(book: Book, act: Act, rows: list[Row], at: datetime) -> None:
    """Note a moderator's decisions on the rows."""
    for action in act.actions:
        book.deeds.append(Deed(action, rows, act.reason, at))
        at = at + timedelta(minutes=40)


def _burst(book: Book, crowd: Crowd, random: Random, start: datetime) -> None:
    """Sixty forms from one network within eight minutes: the first twenty count, the others wait for a moderator."""
    for number in range(BURST):
        at = start + timedelta(minutes=10, seconds=8 * number)
        row = book.sign(crowd.person("post.example"), at, source="", address=_BURST_NETWORK, version=2)
        detail = {"count": number + 1, "minutes": max(-(-8 * number // 60), 1)}
        found = [Finding(Signal.BURST, detail=detail)] if number >= Numbers().burst_limit else []
        book.confirm(row, at + timedelta(seconds=random.randrange(40, 400)), *found)


def _remark(book: Book, random: Random, now: datetime) -> None:
    """Give each comment to somebody who speaks its language; the published ones rather to recent signers."""
    decided: dict[CommentState, list[Row]] = {state: [] for state in CommentState}
    staying = book.undisturbed()
    for language, state, text in COMMENTS:
        published = state is CommentState.PUBLISHED
        free = [
            row for row in staying if row["speaks"] == language and not row["comment"] and row["show_name"] >= published
        ]
        back = random.random() ** (4 if published else 1)
        row = free[int((len(free) - 1) * (1 - back))]
        book.comment(row, text)
        decided[state].append(row)
    read_at = later(now - timedelta(minutes=25), 300, now)
    book.deeds += [
        Deed(_A.PUBLISH_COMMENT, decided[CommentState.PUBLISHED], "", read_at),
        Deed(_A.REFUSE_COMMENT, decided[CommentState.REFUSED], "Says nothing about the petition.", read_at),
    ]
