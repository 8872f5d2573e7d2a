"""How many forms one network sent in how short a time, and how soon after its mail a link was pressed elsewhere."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.mail.models import MailKind, MailState, OutboxMessage
from campaign.petitions.models import Signature
from campaign.petitions.screening.rules import Numbers

# So many are counted to say how many there were; a sentence that says 100 means 100 or more.
MOST_COUNTED = 100
_MAILS_READ = 5


def find_burst(session: Session, signature: Signature, numbers: Numbers) -> dict[str, int] | None:
    """How many forms in how many minutes, where the signer's network sent more than the limit up to this one.

    Reads MOST_COUNTED index entries, or as many as the limit.
    """
    if signature.network_hash is None:
        return None
    latest = (
        select(Signature.created_at)
        .where(
            Signature.campaign_id == signature.campaign_id,
            Signature.network_hash == signature.network_hash,
            Signature.created_at > signature.created_at - numbers.burst_window,
            Signature.created_at <= signature.created_at,
        )
        .order_by(Signature.created_at.desc())
        .limit(max(numbers.burst_limit + 1, MOST_COUNTED))
        .subquery()
    )
    count, first = session.execute(select(func.count(), func.min(latest.c.created_at))).one()
    if count <= numbers.burst_limit:
        return None
    minutes = -(-(signature.created_at - first) // timedelta(minutes=1))
    return {"count": count, "minutes": max(minutes, 1)}


def seconds_since_mail(session: Session, signature_id: int, now: datetime) -> int | None:
    """Seconds since the last mail that asked to confirm went out; None where none is known to have gone.

    A mail that is being handed over has gone: the mail server may have it before we note so.
    """
    rows = session.execute(
        select(OutboxMessage.state, OutboxMessage.sent_at, OutboxMessage.attempts)
        .where(OutboxMessage.kind == MailKind.CONFIRM_SIGNATURE, OutboxMessage.object_id == signature_id)
        .order_by(OutboxMessage.id.desc())
        .limit(_MAILS_READ)
    ).all()
    if any(row.state is MailState.QUEUED and row.attempts for row in rows):
        return 0
    sent = [row.sent_at for row in rows if row.sent_at is not None]
    return max(int((now - max(sent)).total_seconds()), 0) if sent else None
