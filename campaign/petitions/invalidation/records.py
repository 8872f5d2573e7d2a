"""What people do with an invalidation: preview, start, stop, go on, restore. Each is one UPDATE from a known state."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.core.addresses import address_domain
from campaign.core.errors import DomainError, NotFound
from campaign.petitions.invalidation import trail
from campaign.petitions.invalidation.conditions import without_telling
from campaign.petitions.invalidation.previewing import Progress
from campaign.petitions.invalidation.walking import Ground
from campaign.petitions.models import Invalidation, InvalidationState, RemovalReason, Signature

SHORTEST_REASON = 5
SHOWN = 50
CONDITIONS_LIFE = timedelta(days=30)
FORGOTTEN_AT_ONCE = 100

_S = InvalidationState


class NoConditions(DomainError):
    """Without a condition everybody's signature would be taken out."""


class ReasonTooShort(DomainError):
    """Taking signatures out of the count, and putting them back, needs a reason that somebody else understands."""


class MovedOn(DomainError):
    """The invalidation is no longer, or not yet, where this can be done to it."""


def preview(session: Session, ground: Ground, counted: Progress, *, actor: str, now: datetime) -> Invalidation:
    """Store a preview that has come as far as `counted`; where it is not finished, a worker counts on.

    `now` is the moment as of which counting began. Raises NoConditions.
    """
    if not ground.wanted:
        raise NoConditions("Say which signatures.")
    invalidation = Invalidation(
        campaign_id=ground.campaign_id,
        state=_S.READY if counted.is_finished else _S.COUNTING,
        conditions=ground.wanted.plain(),
        newest_id=ground.newest_id,
        cursor=counted.cursor,
        counts=counted.counts,
        sample=counted.sample,
        previewed_by=actor,
        created_at=now,
        available_at=now,
    )
    session.add(invalidation)
    session.flush()
    trail.note_previewed(session, invalidation, now=now)
    return invalidation


def get_invalidation(session: Session, campaign_id: int, public_id: str) -> Invalidation:
    """One of the campaign's. Raises NotFound."""
    found = session.scalar(
        select(Invalidation).where(Invalidation.campaign_id == campaign_id, Invalidation.public_id == public_id)
    )
    if found is None:
        raise NotFound("There is no such invalidation.")
    return found


def list_invalidations(session: Session, campaign_id: int) -> Sequence[Invalidation]:
    """The campaign's latest, newest first."""
    return session.scalars(
        select(Invalidation)
        .where(Invalidation.campaign_id == campaign_id)
        .order_by(Invalidation.id.desc())
        .limit(SHOWN)
    ).all()


def show_sample(session: Session, invalidation: Invalidation, *, actor: str, now: datetime) -> Sequence[Signature]:
    """The signatures of the sample that are still there, newest first; the trail has it before they are shown."""
    trail.note(session, invalidation, "sample_viewed", actor=actor, now=now, rows=len(invalidation.sample))
    return session.scalars(
        select(Signature)
        .where(Signature.campaign_id == invalidation.campaign_id, Signature.id.in_(invalidation.sample))
        .order_by(Signature.id.desc())
    ).all()


def start(
    session: Session,
    invalidation: Invalidation,
    *,
    reason_class: RemovalReason,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Let a worker take out what a finished preview found. Raises ReasonTooShort, MovedOn."""
    _check_reason(reason)
    started = _move(
        session, invalidation, {_S.READY}, _S.RUNNING, now,
        reason_class=reason_class, reason=reason, started_by=actor, started_at=now,
    )  # fmt: skip
    trail.note(
        session, started, "started", actor=actor, now=now, reason=reason, reason_class=reason_class.value,
        expected=started.expected,
    )  # fmt: skip


def stop(session: Session, invalidation: Invalidation, *, actor: str, now: datetime) -> None:
    """Let no further batch be taken out. Raises MovedOn."""
    stopped = _move(
        session, invalidation, {_S.RUNNING}, _S.STOPPED, now, keep_cursor=True, stopped_by=actor, stopped_at=now
    )
    trail.note_stopped(session, stopped, actor=actor, now=now)


def go_on(session: Session, invalidation: Invalidation, *, actor: str, now: datetime) -> None:
    """Go on with a stopped run where it stopped. Raises MovedOn."""
    resumed = _move(session, invalidation, {_S.STOPPED}, _S.RUNNING, now, keep_cursor=True)
    trail.note(session, resumed, "resumed", actor=actor, now=now)


def restore(session: Session, invalidation: Invalidation, *, reason: str, actor: str, now: datetime) -> None:
    """Let a worker give back what the run took out. Raises ReasonTooShort, MovedOn."""
    _check_reason(reason)
    restoring = _move(
        session, invalidation, {_S.STOPPED, _S.DONE}, _S.RESTORING, now,
        restored_by=actor, restore_reason=reason, restore_started_at=now,
    )  # fmt: skip
    trail.note(session, restoring, "restore_started", actor=actor, now=now, reason=reason)


def _check_reason(reason: str) -> None:
    if len(reason) < SHORTEST_REASON:
        raise ReasonTooShort("Say why.")


def _move(
    session: Session,
    invalidation: Invalidation,
    sources: set[InvalidationState],
    target: InvalidationState,
    now: datetime,
    *,
    keep_cursor: bool = False,
    **values: Any,
) -> Invalidation:
    """The invalidation as it then stands. A run waits for the batch under way, so its numbers are what it came to."""
    if not keep_cursor:
        values["cursor"] = 0
    needs_conditions = target is _S.RUNNING
    moved = session.scalars(
        update(Invalidation)
        .where(
            Invalidation.id == invalidation.id,
            Invalidation.state.in_(sources),
            *([Invalidation.conditions_forgotten_at.is_(None)] if needs_conditions else []),
        )
        .values(state=target, available_at=now, attempts=0, error="", **values)
        .returning(Invalidation)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()
    if moved is None:
        raise MovedOn("This was changed meanwhile.")
    return moved


def list_to_forget(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of a batch whose conditions may tell who people are and are older than that may be kept."""
    return session.scalars(
        select(Invalidation.id)
        .where(Invalidation.conditions_forgotten_at.is_(None), Invalidation.created_at < now - CONDITIONS_LIFE)
        .order_by(Invalidation.id)
        .limit(FORGOTTEN_AT_ONCE)
    ).all()


def forget_conditions(session: Session, ids: Sequence[int], *, now: datetime) -> int:
    """Forget what in the conditions may tell who people are, and the sample; gives of how many."""
    rows = session.scalars(select(Invalidation).where(Invalidation.id.in_(ids)).with_for_update()).all()
    for row in rows:
        row.conditions, row.sample, row.conditions_forgotten_at = without_telling(row.conditions), [], now
        if row.state in (_S.COUNTING, _S.RUNNING):
            row.state = _S.STOPPED
    return len(rows)


def forget_address(session: Session, campaign_id: int, email: str, *, now: datetime) -> int:
    """Forget the conditions that name this very address, as somebody is forgotten whose it is; gives of how many.

    Such conditions are about that person alone, so nobody else's signature depends on them.
    """
    local, _at, _domain = email.strip().rpartition("@")
    same = f"{local}@{address_domain(email)}".casefold()
    rows = session.execute(
        select(Invalidation.id, Invalidation.conditions).where(
            Invalidation.campaign_id == campaign_id, Invalidation.conditions_forgotten_at.is_(None)
        )
    )
    named = [row.id for row in rows if row.conditions.get("address", "").casefold() == same]
    return forget_conditions(session, named, now=now) if named else 0
