"""Whether confirmation mails arrive: how many press the link, and after how long, by mail domain."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.petitions.models import Signature

LOOKED_AT = 5_000
SETTLED_AFTER = timedelta(hours=1)  # who signed a minute ago has not had the time
# A domain of few may be somebody's own.
LEAST = 10


@dataclass(frozen=True)
class DomainRate:
    """What became of the newest forms of one domain (empty: of all small ones together); seconds are the median's."""

    domain: str
    sent: int
    pressed: int
    seconds: float | None

    @property
    def rate(self) -> float:
        return self.pressed / self.sent if self.sent else 0.0


def confirm_rates(session: Session, *, now: datetime) -> Sequence[DomainRate]:
    """The newest forms of the whole site by domain, the largest first. Imports and forgotten people are left out."""
    last = session.scalar(select(func.max(Signature.id))) or 0
    newest = (
        select(
            Signature.email_domain, Signature.created_at, Signature.confirmed_at, Signature.import_id,
        )
        .where(Signature.id > last - LOOKED_AT)
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        select(newest.c.email_domain, newest.c.created_at, newest.c.confirmed_at).where(
            newest.c.import_id.is_(None), newest.c.email_domain.is_not(None), newest.c.created_at < now - SETTLED_AFTER
        )
    )
    waits: dict[str, list[float | None]] = defaultdict(list)
    for domain, sent_at, pressed_at in rows:
        waits[domain].append((pressed_at - sent_at).total_seconds() if pressed_at else None)
    small = [wait for found in waits.values() if len(found) < LEAST for wait in found]
    large = [_rate(domain, found) for domain, found in waits.items() if len(found) >= LEAST]
    large.sort(key=lambda one: (-one.sent, one.domain))
    return [*large, _rate("", small)] if small else large


def _rate(domain: str, waits: Sequence[float | None]) -> DomainRate:
    pressed = [wait for wait in waits if wait is not None]
    return DomainRate(domain, len(waits), len(pressed), median(pressed) if pressed else None)
