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
from campaign.petitions.forgetting import GONE, forget
from campaign.petitions.models import Signature, SignatureState

UNCONFIRMED_LIFE = timedelta(days=14)  # after the last mail that asked to confirm
NETWORK_LIFE = timedelta(days=30)
WITHDRAWN_LIFE = timedelta(days=30)
BATCH = 500


def unconfirmed(campaign_id: int, *, now: datetime) -> Select[int]:
    """Ids of pending signatures whose last mail is too long ago."""
    oldest = now - UNCONFIRMED_LIFE
    last_mail = (
        select(func.max(OutboxMessage.created_at))
        .where(OutboxMessage.kind == MailKind.CONFIRM_SIGNATURE, OutboxMessage.object_id == Signature.id)
        .scalar_subquery()
    )
    return (
        _of(campaign_id)
        .where(Signature.state == SignatureState.PENDING, Signature.created_at < oldest)
        .where(func.coalesce(last_mail, Signature.created_at) < oldest)
        .order_by(Signature.id)
    )


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


def old_networks(campaign_id: int, *, now: datetime) -> Select[int]:
    """Ids of signatures whose network has been kept for long enough."""
    return _of(campaign_id).where(Signature.network_hash.is_not(None), Signature.created_at < now - NETWORK_LIFE)


def withdrawn(campaign_id: int, *, now: datetime) -> Select[int]:
    """Ids of signatures that were withdrawn a while ago and still tell who signed."""
    return _of(campaign_id).where(
        Signature.state == SignatureState.WITHDRAWN,
        Signature.email.is_not(None),
        Signature.state_changed_at < now - WITHDRAWN_LIFE,
    )


def forget_withdrawn(session: Session, ids: Sequence[int], *, now: datetime) -> int:
    """Forget who withdrew; gives how many. The keyed hash stays, so that the address is not used by others."""
    rows = session.scalars(
        select(Signature).where(Signature.id.in_(ids), Signature.email.is_not(None)).with_for_update()
    ).all()
    for signature in rows:
        forget(session, signature, now=now)
    return len(rows)


def telling(campaign_id: int, *, after: int) -> Select[int]:
    """Ids of a campaign's signatures behind a cursor, in order, but for those of which nothing is left to forget."""
    return _of(campaign_id).where(Signature.id > after, Signature.email_key.not_like(f"{GONE}%")).order_by(Signature.id)


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
