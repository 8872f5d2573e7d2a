"""Trends: the networks, domains, countries and articles that bring more now than they usually do.

Now is the last hour, as far as the newest forms reach. What is usual is read from the newest forms of the same network
(domain, …) before that hour. Both reads are bounded and on indexes, whatever the size of the petition.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Integer, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaign.petitions.models import Signature

WINDOW = timedelta(hours=1)
USUAL_PERIOD = timedelta(days=7)
MOST_NEWEST = 5_000
MOST_BEFORE = 500
SHOWN = 10
# From so many forms in the window on, and so many times the usual, somebody should look.
LEAST, TIMES = 10, 3


class Origin(StrEnum):
    """By what forms are told apart."""

    NETWORK = "network"
    DOMAIN = "domain"
    COUNTRY = "country"
    SOURCE = "source"


_COLUMNS: dict[Origin, InstrumentedAttribute[str | None] | InstrumentedAttribute[str]] = {
    Origin.NETWORK: Signature.network_hash,
    Origin.DOMAIN: Signature.email_domain,
    Origin.COUNTRY: Signature.country,
    Origin.SOURCE: Signature.source,
}


@dataclass(frozen=True)
class Trend:
    """How many forms came in the window, and how many an hour brings usually (None: never seen before)."""

    value: str
    count: int
    usual: float | None

    @property
    def is_rising(self) -> bool:
        return self.count >= LEAST and self.count >= TIMES * (self.usual or 0)


@dataclass(frozen=True)
class Trends:
    """What the newest forms are made of. `seen` is how many were looked at; `since` where the window begins."""

    seen: int
    since: datetime
    by_origin: dict[Origin, list[Trend]]


def read_trends(session: Session, campaign_id: int, *, now: datetime) -> Trends:
    """The trends of the last hour; where that brought more than MOST_NEWEST forms, of the newest of them."""
    newest = session.execute(
        select(Signature.created_at, *_COLUMNS.values())
        .where(Signature.campaign_id == campaign_id, Signature.created_at > now - WINDOW)
        .order_by(Signature.created_at.desc(), Signature.id.desc())
        .limit(MOST_NEWEST)
    ).all()
    since = newest[-1].created_at if len(newest) == MOST_NEWEST else now - WINDOW
    hours = max((now - since) / timedelta(hours=1), 1 / 60)
    found = {}
    for number, origin in enumerate(_COLUMNS, start=1):
        counted = Counter(str(row[number]) for row in newest if row[number])
        candidates = [value for value, count in counted.most_common(SHOWN) if count >= LEAST]
        usual = _usual(session, campaign_id, origin, candidates, since)
        found[origin] = [
            Trend(value, counted[value], None if (rate := usual[value]) is None else rate * hours)
            for value in candidates
        ]
    return Trends(len(newest), since, found)


def _usual(
    session: Session, campaign_id: int, origin: Origin, values: Sequence[str], since: datetime
) -> dict[str, float | None]:
    """Forms an hour of each value before the window, from its newest MOST_BEFORE; None where there were none."""
    column, start = _COLUMNS[origin], since - USUAL_PERIOD
    parts = []
    for number, value in enumerate(values):
        before = (
            select(Signature.created_at)
            .where(
                Signature.campaign_id == campaign_id,
                column == value,
                Signature.created_at <= since,
                Signature.created_at > start,
            )
            .order_by(Signature.id.desc())
            .limit(MOST_BEFORE)
            .subquery()
        )
        parts.append(
            select(literal(number, Integer).label("number"), func.count(), func.min(before.c.created_at)).select_from(
                before
            )
        )
    usual: dict[str, float | None] = dict.fromkeys(values)
    if not parts:
        return usual
    for number, seen, first in session.execute(union_all(*parts)):
        if seen:
            reached = first if seen == MOST_BEFORE else start
            usual[values[number]] = seen / max((since - reached) / timedelta(hours=1), 1 / 60)
    return usual
