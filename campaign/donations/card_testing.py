"""Card testing: somebody tries stolen cards, by hundreds, at our checkouts. What is noticed of it, and what follows.

Stripe tells of each card that was declined. A burst of them puts a puzzle before giving, or pauses it, at the campaign
where it happens or over the site; both end by themselves, and an admin may lift them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import case, delete, exists, func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.addresses import address_key
from campaign.core.database import insert_into
from campaign.core.errors import NotFound
from campaign.donations.alarms import raise_alarm
from campaign.donations.models import AlarmKind, Decline, Donation, GivingGuard, Payment, SpentPuzzle
from campaign.donations.standing import DeclineWord
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue
from campaign.staff.people import list_site_admins

WINDOW = timedelta(minutes=10)
# Longer than the window, so that what began it has passed. Who tests cards moves on within minutes; a donor who was
# told to come back comes back the same day.
PAUSED_FOR = timedelta(minutes=20)
PUZZLE_FOR = timedelta(hours=1)
# What the site takes, as against one campaign: bad luck at two campaigns is no burst.
SITE_FACTOR = 2
# Honest cards are declined too, one in ten or so: on a good day a burst of gifts brings many. So a share of all tries
# counts as well: a quarter for the puzzle, half for the pause. Of tested cards nearly all are declined.
PAYMENTS_PER_DECLINE_PUZZLE, PAYMENTS_PER_DECLINE_PAUSE = 3, 1
KEPT_FOR = timedelta(days=30)
MOST_AT_A_CHECKOUT = timedelta(hours=1)
SITE = "site"


class Level(IntEnum):
    """How giving is guarded, the stronger the higher."""

    OPEN = 0
    PUZZLE = 1
    PAUSE = 2


@dataclass(frozen=True)
class Thresholds:
    """How many declined cards within ten minutes ask for the puzzle and for the pause, at one campaign."""

    puzzle: int
    pause: int


@dataclass(frozen=True)
class Guard:
    """How giving to a campaign is guarded, and until when."""

    level: Level
    until: datetime


@dataclass(frozen=True)
class Burst:
    """A guard as staff sees it; `scope` is `site`, or a campaign's id."""

    scope: str
    began_at: datetime
    level: Level
    until: datetime
    declines: int

    @property
    def paused(self) -> bool:
        return self.level is Level.PAUSE


def note_decline(session: Session, decline: DeclineWord, *, now: datetime) -> None:
    """Keep that a card was declined; nothing, where the donation is not known here."""
    found = select(Donation.id, Donation.campaign_id).where(Donation.public_id == decline.donation)
    if row := session.execute(found).one_or_none():
        session.add(Decline(donation_id=row.id, campaign_id=row.campaign_id, declined_at=min(decline.at, now)))


def guard_of(session: Session, campaign_id: int, *, now: datetime) -> Guard:
    """What stands before giving to the campaign: the stronger of its own guard and the site's."""
    rows = session.scalars(
        select(GivingGuard).where(GivingGuard.scope.in_((SITE, str(campaign_id))), GivingGuard.puzzle_until > now)
    )
    standing = [(*_level(row, now), row.scope) for row in rows]
    level, until, _scope = max(standing, default=(Level.OPEN, now, ""))
    return Guard(level, until)


def _level(guard: GivingGuard, now: datetime) -> tuple[Level, datetime]:
    if guard.pause_until and guard.pause_until > now:
        return Level.PAUSE, guard.pause_until
    return Level.PUZZLE, guard.puzzle_until


def is_any_burst(session: Session, thresholds: Thresholds, *, now: datetime) -> bool:
    """True where so many cards were declined of late that `watch` may find a burst. Reads no more rows than that."""
    recent = select(Decline.id).where(Decline.declined_at > now - WINDOW).limit(thresholds.puzzle).subquery()
    return (session.scalar(select(func.count()).select_from(recent)) or 0) >= thresholds.puzzle


def watch(session: Session, thresholds: Thresholds, *, hash_key: str, language: str, now: datetime) -> int:
    """Guard giving where a burst is under way, and tell the site's admins once for each; gives how many were told."""
    hit = session.scalars(select(Decline.campaign_id).where(Decline.declined_at > now - WINDOW).distinct()).all()
    lifted = {guard.scope: guard.lifted_at for guard in session.scalars(select(GivingGuard))}

    def since(*scopes: str) -> datetime:
        return max([now - WINDOW, *(at for scope in scopes if (at := lifted.get(scope)))])

    told = 0
    for scope in [*map(str, hit), SITE]:
        here = hit if scope == SITE else [int(scope)]
        tries = [_count_tries(session, campaign_id, since(scope, str(campaign_id))) for campaign_id in here]
        level = _wanted(tries, thresholds, SITE_FACTOR if scope == SITE else 1)
        if level is not Level.OPEN:
            began_at = _raise_guard(session, scope, level, now=now)
            told += _tell(session, scope, level, began_at, hash_key=hash_key, language=language, now=now)
    return told


def _count_tries(session: Session, campaign_id: int, since: datetime) -> tuple[int, int]:
    """How many cards were declined at a campaign since a moment, and how many of its gifts were paid."""
    declines = select(func.count()).select_from(Decline)
    # Renewals are nobody's try at a checkout: only payments of gifts that were just begun.
    payments = (
        select(func.count())
        .select_from(Payment)
        .join(Donation, Donation.id == Payment.donation_id)
        .where(Payment.campaign_id == campaign_id, Payment.paid_at > since)
        .where(Donation.created_at > since - MOST_AT_A_CHECKOUT)
    )
    here = Decline.campaign_id == campaign_id, Decline.declined_at > since
    return session.scalar(declines.where(*here)) or 0, session.scalar(payments) or 0


def _wanted(tries: list[tuple[int, int]], thresholds: Thresholds, factor: int) -> Level:
    declines, payments = (sum(numbers) for numbers in zip(*tries, strict=True))
    if declines >= thresholds.pause * factor and declines * PAYMENTS_PER_DECLINE_PAUSE >= payments:
        return Level.PAUSE
    if declines >= thresholds.puzzle * factor and declines * PAYMENTS_PER_DECLINE_PUZZLE >= payments:
        return Level.PUZZLE
    return Level.OPEN


def _raise_guard(session: Session, scope: str, level: Level, *, now: datetime) -> datetime:
    """Begin, go on with or strengthen a guard, in one statement whoever else does so; gives when it began."""
    pause_until = now + PAUSED_FOR if level is Level.PAUSE else None
    statement = insert_into(session, GivingGuard).values(
        scope=scope,
        campaign_id=None if scope == SITE else int(scope),
        began_at=now,
        puzzle_until=now + PUZZLE_FOR,
        pause_until=pause_until,
        lifted_at=None,
    )
    stands = GivingGuard.puzzle_until > now
    return session.scalars(
        statement.on_conflict_do_update(
            index_elements=["scope"],
            set_={
                "began_at": case((stands, GivingGuard.began_at), else_=now),
                "puzzle_until": now + PUZZLE_FOR,
                "pause_until": pause_until if pause_until else GivingGuard.pause_until,
            },
        ).returning(GivingGuard.began_at)
    ).one()


def _tell(
    session: Session, scope: str, level: Level, began_at: datetime, *, hash_key: str, language: str, now: datetime
) -> bool:
    """An alarm, and a mail to each admin of the site: once when it begins and once where it comes to a pause."""
    subject = f"{scope} {began_at:%Y-%m-%dT%H:%M:%SZ} {level.name.lower()}"
    alarm_id = raise_alarm(session, AlarmKind.CARD_TESTING, subject, donation_id=None, now=now)
    if alarm_id is None:
        return False
    for admin in list_site_admins(session):
        enqueue(
            session, MailKind.CARD_TESTING, object_id=alarm_id, recipient_key=address_key(hash_key, admin.email),
            language=language, now=now,
        )  # fmt: skip
    return True


def read_subject(subject: str) -> tuple[int | None, Level]:
    """Where a burst was (None: over the site) and what followed, from its alarm's subject."""
    scope, _began_at, level = subject.split(" ")
    return None if scope == SITE else int(scope), Level[level.upper()]


def list_bursts(session: Session, *, now: datetime) -> list[Burst]:
    """The guards that stand now, the site's first, each with how many cards were declined within ten minutes."""
    guards = session.scalars(
        select(GivingGuard)
        .where(GivingGuard.puzzle_until > now)
        .order_by(GivingGuard.campaign_id.is_not(None), GivingGuard.scope)
    )
    counted = select(Decline.campaign_id, func.count()).where(Decline.declined_at > now - WINDOW)
    declines: dict[int | None, int] = dict(session.execute(counted.group_by(Decline.campaign_id)).all())
    declines[None] = sum(declines.values())
    return [
        Burst(guard.scope, guard.began_at, *_level(guard, now), declines=declines.get(guard.campaign_id, 0))
        for guard in guards
    ]


def lift(session: Session, scope: str, *, actor: str, now: datetime) -> None:
    """End a guard at once; what was declined there until now counts no more. Raises NotFound."""
    if session.scalar(select(exists().where(GivingGuard.scope == scope))) is not True:
        raise NotFound(scope)
    lifted = session.scalar(
        update(GivingGuard)
        .where(GivingGuard.scope == scope, GivingGuard.puzzle_until > now)
        .values(puzzle_until=now, pause_until=None, lifted_at=now)
        .returning(GivingGuard.scope)
    )
    if lifted is not None:
        record(
            session, actor=actor, action="giving.guard_lifted", object_type="giving_guard", object_id=scope, now=now,
            campaign_id=None if scope == SITE else int(scope),
        )  # fmt: skip


def spend_puzzle(session: Session, signature: str, *, expires_at: datetime) -> bool:
    """Note that a puzzle's answer is used; False where it was before."""
    spent = session.scalar(
        insert_into(session, SpentPuzzle)
        .values(signature=signature, expires_at=expires_at)
        .on_conflict_do_nothing(index_elements=["signature"])
        .returning(SpentPuzzle.signature)
    )
    return spent is not None


def is_anything_old(session: Session, *, now: datetime) -> bool:
    """True where `forget` would delete something."""
    old = exists().where(Decline.declined_at < now - KEPT_FOR), exists().where(SpentPuzzle.expires_at < now)
    return any(session.scalar(select(one)) for one in old)


def forget(session: Session, *, now: datetime) -> int:
    """Delete declines of which nothing follows any more, and puzzles that nobody could use again; gives how many."""
    declines = session.scalars(delete(Decline).where(Decline.declined_at < now - KEPT_FOR).returning(Decline.id)).all()
    spent = delete(SpentPuzzle).where(SpentPuzzle.expires_at < now).returning(SpentPuzzle.signature)
    return len(declines) + len(session.scalars(spent).all())
