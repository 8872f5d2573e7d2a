"""Signatures in bulk, to try a campaign at full size: hundreds of thousands of people who never were.

Their names, countries, articles, domains, networks and states are spread as in life; each address is one of its own, so
that every search finds what it should. Like the demo's people they live in `.example`, and get no mail.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from random import Random
from typing import Any

from sqlalchemy import and_, delete, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, Demand
from campaign.cli.seed.chance import chance, later, moments
from campaign.cli.seed.people import THROWAWAY_DOMAIN, Crowd
from campaign.cli.seed.remarks import COMMENTS
from campaign.core.addresses import keyed_hash
from campaign.core.bulk import insert_rows, refresh_statistics
from campaign.core.epoch import hour_of, start_of
from campaign.petitions import tally
from campaign.petitions.models import (
    CommentState,
    Dimension,
    RemovalReason,
    Signal,
    Signature,
    SignatureRollup,
    SignatureSignal,
    SignatureState,
)
from campaign.petitions.removals import note
from campaign.petitions.retention import NETWORK_LIFE, UNCONFIRMED_LIFE
from campaign.petitions.rollups.changes import EVER, KEYS, MEASURES
from campaign.petitions.rollups.tidying import FEW, HOURS_KEPT
from campaign.petitions.signing import CONSENT_VERSION
from campaign.settings import Settings

DAYS = 60
_PEOPLE = 4_000
_COMMENT_SHARE = 0.02
_S = SignatureState
_FATES = ((_S.CONFIRMED, 850), (_S.PENDING, 100), (_S.HELD, 12), (_S.INVALIDATED, 25), (_S.WITHDRAWN, 13))
_SIGNALS = (
    (Signal.BURST, 50), (Signal.THROWAWAY_DOMAIN, 25), (Signal.HONEYPOT, 10), (Signal.NAME, 10), (Signal.MODERATOR, 5),
)  # fmt: skip
_COLUMNS = (
    "state", "state_before", "name", "name_folded", "email", "email_key", "mailbox_key", "email_domain", "country",
    "postcode", "comment", "comment_state", "show_name", "wants_updates", "language", "source", "network_hash",
    "honeypot", "held_for", "decision_reason", "removal_reason", "created_at", "confirmed_at", "state_changed_at",
)  # fmt: skip
# What is gone when somebody takes their signature back.
_FORGOTTEN = {
    "name": None, "name_folded": None, "email": None, "mailbox_key": None, "email_domain": None, "postcode": "",
    "show_name": False, "wants_updates": False, "network_hash": None,
}  # fmt: skip


def write_in_bulk(session: Session, campaign: Campaign, count: int, settings: Settings, now: datetime) -> None:
    """Add so many signatures to a campaign, counted and with their statistics, in the caller's transaction."""
    newest = session.scalar(select(func.max(Signature.id))) or 0
    demand_id = session.scalars(
        select(Demand.id).where(Demand.campaign_id == campaign.id).order_by(Demand.version.desc()).limit(1)
    ).one()
    fixed = {"campaign_id": campaign.id, "demand_id": demand_id, "consent_version": CONSENT_VERSION} | _defaults()
    signers = _Signers(settings, now, newest + 1)
    rows = ((*fixed.values(), *row) for row in signers.rows(count))
    insert_rows(session, Signature.__tablename__, [*fixed, *_COLUMNS], rows)
    _write_signals(session, campaign.id, newest)
    _write_origins(session, campaign.id, signers)
    for hour, many in sorted(signers.removals.items()):
        reasons = [RemovalReason.BOTS] * many
        note(session, reasons, campaign_id=campaign.id, restored=False, now=start_of(hour))
    refresh_statistics(session)
    tally.recount(session, campaign.id)


def _defaults() -> dict[str, Any]:
    """What every other column holds unless somebody says otherwise."""
    given = {*_COLUMNS, "id", "campaign_id", "demand_id", "consent_version"}
    columns: list[Any] = [column for column in Signature.__table__.columns if column.name not in given]
    return {
        column.name: column.default.arg for column in columns if column.default is not None and column.default.is_scalar
    }


class _Signers:
    """Draws signatures, and counts what the rows alone do not say: where the latest came from, removals by the hour."""

    def __init__(self, settings: Settings, now: datetime, first: int) -> None:
        self._settings, self._now, self._first = settings, now, first
        self._random = random = chance(f"bulk from {first}")
        crowd = Crowd(random)
        self._people = [crowd.person() for _ in range(_PEOPLE)]
        self._domains = _Falling([f"mail{number}.example" for number in range(400)], 1)
        self._networks = _Falling([keyed_hash(settings.hash_key, "network", str(n)) for n in range(60_000)], 40)
        self._articles = _Falling([f"article-{number + 1}" for number in range(60)], 2)
        self._fates = _Weighted(_FATES)
        self._signals = _Weighted(_SIGNALS)
        self.origins: Counter[tuple[Dimension, int, str]] = Counter()
        self.removals: Counter[int] = Counter()

    def rows(self, count: int) -> Iterator[tuple[Any, ...]]:
        """So many, in the order of time, each in the order of _COLUMNS."""
        times = moments(self._random, count, now=self._now, zone=self._settings.zone, days=DAYS)
        for number, at in enumerate(times, self._first):
            row = self._row(number, at)
            yield tuple(row[name] for name in _COLUMNS)

    def _row(self, number: int, at: datetime) -> dict[str, Any]:
        random, now = self._random, self._now
        state = self._fates.draw(random)
        if state is _S.PENDING and at < now - UNCONFIRMED_LIFE:
            state = _S.CONFIRMED  # nobody's waits for so long
        person, key = random.choice(self._people), self._settings.hash_key
        removed = state is _S.INVALIDATED
        held_for = self._signals.draw(random) if state is _S.HELD else None
        domain = THROWAWAY_DOMAIN if held_for is Signal.THROWAWAY_DOMAIN else self._domains.draw(random)
        local = f"{person.email.partition('@')[0]}.{number}"
        network = self._networks.draw(random) if at > now - NETWORK_LIFE else None
        pressed = None if state is _S.PENDING else later(at, 240 * random.lognormvariate(0, 1.4), now)
        if at > now - HOURS_KEPT[Dimension.DOMAIN]:
            self._note(at, domain, network)
        if removed and pressed:
            self.removals[hour_of(pressed)] += 1
        row = {
            "state": state.value,
            "state_before": _S.CONFIRMED.value if removed else None,
            "name": person.name,
            "name_folded": person.name.casefold(),
            "email": f"{local}@{domain}",
            "email_key": keyed_hash(key, "address", f"{local}@{domain}"),
            "mailbox_key": keyed_hash(key, "mailbox", f"{local.replace('.', '')}@{domain}"),
            "email_domain": domain,
            "country": person.country,
            "postcode": person.postcode,
            "comment": "",
            "comment_state": None,
            "show_name": person.can_be_shown and random.random() < 0.4,
            "wants_updates": random.random() < 0.3,
            "language": self._settings.languages[0],
            "source": self._articles.draw(random) if random.random() < 0.8 else "",
            "network_hash": network,
            "honeypot": held_for is Signal.HONEYPOT,
            "held_for": held_for.value if held_for else None,
            "decision_reason": "Not a person." if removed else "",
            "removal_reason": RemovalReason.BOTS.value if removed else None,
            "created_at": at,
            "confirmed_at": pressed,
            "state_changed_at": pressed or at,
        }
        if state is _S.WITHDRAWN:
            return row | _FORGOTTEN
        return row | self._comment() if random.random() < _COMMENT_SHARE else row

    def _note(self, at: datetime, domain: str, network: str | None) -> None:
        hour = hour_of(at)
        self.origins[Dimension.DOMAIN, hour, domain] += 1
        if network:
            self.origins[Dimension.NETWORK, hour, network] += 1

    def _comment(self) -> dict[str, Any]:
        _, state, text = self._random.choice(COMMENTS)
        if state is CommentState.AWAITING and self._random.random() < 0.9:
            state = CommentState.PUBLISHED  # moderators keep up
        return {"comment": text, "comment_state": state.value}


def _write_signals(session: Session, campaign_id: int, newest: int) -> None:
    """Each held signature's signal, and a mark on one in a hundred of the others."""
    is_marked = and_(Signature.held_for.is_(None), Signature.id % 100 == 0)
    found = select(
        Signature.id,
        func.coalesce(Signature.held_for, Signal.QUICK_CONFIRMATION.value),
        Signature.campaign_id,
        Signature.held_for.is_not(None),
        literal({}, SignatureSignal.detail.type),
        Signature.created_at,
    ).where(
        Signature.campaign_id == campaign_id, Signature.id > newest, or_(Signature.held_for.is_not(None), is_marked)
    )
    columns = ["signature_id", "signal", "campaign_id", "holds", "detail", "created_at"]
    session.execute(insert(SignatureSignal).from_select(columns, found))


def _write_origins(session: Session, campaign_id: int, signers: _Signers) -> None:
    """The rollups that the signatures alone do not make; what few came from is gone already."""
    found: dict[tuple[str, int, str], Sequence[int]] = {
        (dimension.value, hour, value): (many, 0, many, 0, 0, 0)
        for (dimension, hour, value), many in signers.origins.items()
        if many >= FEW
    }
    table = SignatureRollup.__table__
    there = delete(SignatureRollup).where(
        SignatureRollup.campaign_id == campaign_id,
        SignatureRollup.dimension.in_((Dimension.DOMAIN, Dimension.NETWORK)),
        SignatureRollup.hour != EVER,
    )
    for dimension, hour, value, *measures in session.execute(
        there.returning(*(table.c[name] for name in (*KEYS[1:], *MEASURES)))
    ):
        key = (str(dimension), hour, value)
        found[key] = [a + b for a, b in zip(found.get(key, (0,) * len(MEASURES)), measures, strict=True)]
    rows = ((campaign_id, *key, *measures) for key, measures in found.items())
    insert_rows(session, SignatureRollup.__tablename__, [*KEYS, *MEASURES], rows)


class _Weighted:
    """Values, each drawn as often as its weight says."""

    def __init__(self, pairs: Sequence[tuple[Any, float]]) -> None:
        self._values = [value for value, _ in pairs]
        self._reach = list(accumulate(weight for _, weight in pairs))

    def draw(self, random: Random) -> Any:
        return self._values[bisect(self._reach, random.random() * self._reach[-1])]


class _Falling(_Weighted):
    """Values of which a few are drawn often and many seldom: the weights are 1/n."""

    def __init__(self, values: Sequence[str], start: int) -> None:
        super().__init__([(value, 1 / (start + number)) for number, value in enumerate(values)])
