"""What screening found, and the rows that keep it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.petitions.models import Signal, SignatureSignal

_ORDER = list(Signal)


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed. `detail` holds the numbers of its sentence and nothing that tells who it is about."""

    signal: Signal
    holds: bool = True
    detail: dict[str, int] = field(default_factory=dict)


def holding(findings: Iterable[Finding]) -> Signal | None:
    """The reason to hold: of those that hold, the first in the order of Signal."""
    return min((one.signal for one in findings if one.holds), key=_ORDER.index, default=None)


def note(session: Session, found: Sequence[tuple[int, Finding]], *, campaign_id: int, now: datetime) -> None:
    """Keep what was found, each with the id of its signature; what stands there already stays as it was."""
    if not found:
        return
    rows = [
        {
            "signature_id": signature_id,
            "signal": finding.signal,
            "campaign_id": campaign_id,
            "holds": finding.holds,
            "detail": finding.detail,
            "created_at": now,
        }
        for signature_id, finding in found
    ]
    session.execute(insert_into(session, SignatureSignal).on_conflict_do_nothing(), rows)
