"""What petitions forget by themselves: signatures that nobody confirmed, and the networks that forms came from.

Each call does one batch, so that it may be killed anywhere and go on at its next run. The privacy page states the
periods.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from campaign.mail.models import MailKind, OutboxMessage
from campaign.petitions import deltas
from campaign.petitions.models import Signature, SignatureState

UNCONFIRMED_LIFE = timedelta(days=14)  # after the last mail that asked to confirm
NETWORK_LIFE = timedelta(days=30)
BATCH = 500


def list_unconfirmed(session: Session, campaign_id: int, *, now: datetime) -> Sequence[int]:
    """Ids of a batch of pending signatures whose last mail is too long ago."""
    oldest = now - UNCONFIRMED_LIFE
    last_mail = (
        select(func.max(OutboxMessage.created_at))
        .where(OutboxMessage.kind == MailKind.CONFIRM_SIGNATURE, OutboxMessage.object_id == Signature.id)
        .scalar_subquery()
    )
    return session.scalars(
        _of(campaign_id)
        .where(Signature.state == SignatureState.PENDING, Signature.created_at < oldest)
        .where(func.coalesce(last_mail, Signature.created_at) < oldest)
        .order_by(Signature.id)
        .limit(BATCH)
    ).all()


def delete_unconfirmed(session: Session, ids: Sequence[int], *, now: datetime) -> int:
    """Delete those that are still pending, with their place in the count; gives how many."""
    deleted = session.execute(
        delete(Signature)
        .where(Signature.id.in_(ids), Signature.state == SignatureState.PENDING)
        .returning(
            Signature.campaign_id, Signature.demand_id, Signature.country, Signature.source, Signature.created_at
        )
        .execution_options(synchronize_session=False)
    ).all()
    gone = [
        deltas.delta(
            campaign_id=row.campaign_id,
            demand_id=row.demand_id,
            left=SignatureState.PENDING,
            reached=None,
            country=row.country,
            source=row.source,
            signed_at=row.created_at,
            confirmed_at=None,
            now=now,
        )
        for row in deleted
    ]
    deltas.write(session, gone)
    return len(gone)


def list_old_networks(session: Session, campaign_id: int, *, now: datetime) -> Sequence[int]:
    """Ids of a batch of signatures whose network has been kept for long enough."""
    return session.scalars(
        _of(campaign_id)
        .where(Signature.network_hash.is_not(None), Signature.created_at < now - NETWORK_LIFE)
        .limit(BATCH)
    ).all()


def forget_networks(session: Session, ids: Sequence[int]) -> int:
    """Forget the networks of these signatures; gives how many."""
    session.execute(
        update(Signature)
        .where(Signature.id.in_(ids))
        .values(network_hash=None)
        .execution_options(synchronize_session=False)
    )
    return len(ids)


def _of(campaign_id: int) -> Select[int]:
    return select(Signature.id).where(Signature.campaign_id == campaign_id)
