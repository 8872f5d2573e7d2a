"""What the trail says of invalidations: one entry for each thing done to one, with numbers and without people."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.petitions.invalidation.conditions import TELLING
from campaign.petitions.models import Invalidation

WORKER = "worker"


def note(
    session: Session, invalidation: Invalidation, verb: str, *, actor: str, now: datetime, reason: str = "", **more: Any
) -> None:
    """One entry about an invalidation."""
    record(
        session, actor=actor, action=f"invalidation.{verb}", object_type="invalidation",
        object_id=invalidation.public_id, now=now, campaign_id=invalidation.campaign_id, reason=reason, **more,
    )  # fmt: skip


def note_previewed(session: Session, invalidation: Invalidation, *, now: datetime) -> None:
    """The trail is kept for longer than networks and people may be: of their conditions it only says that there are."""
    conditions = {name: True if name in TELLING else value for name, value in invalidation.conditions.items()}
    note(session, invalidation, "previewed", actor=invalidation.previewed_by, now=now, conditions=conditions)


def note_done(session: Session, invalidation: Invalidation, *, now: datetime) -> None:
    """A run came to its end."""
    note(session, invalidation, "done", actor=WORKER, now=now, **_taken(invalidation), expected=invalidation.expected)


def note_stopped(session: Session, invalidation: Invalidation, *, actor: str, now: datetime) -> None:
    """Somebody stopped a run; what it has taken out stays out."""
    note(session, invalidation, "stopped", actor=actor, now=now, **_taken(invalidation), expected=invalidation.expected)


def note_restored(session: Session, invalidation: Invalidation, *, now: datetime) -> None:
    """The way back came to its end."""
    note(
        session, invalidation, "restored", actor=WORKER, now=now, confirmed=invalidation.gave_back_confirmed,
        held=invalidation.gave_back_held, left=invalidation.left,
    )  # fmt: skip


def _taken(invalidation: Invalidation) -> dict[str, Any]:
    return {"confirmed": invalidation.took_confirmed, "held": invalidation.took_held}
