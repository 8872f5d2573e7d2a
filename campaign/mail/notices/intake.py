"""Taking notices in: each once, with what follows from it. A hard bounce and a complaint silence the mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from campaign.core.addresses import AddressRefused, address_key, check_address
from campaign.core.database import insert_into
from campaign.mail.delivery import suppress
from campaign.mail.models import MailNotice, MailState, NoticeKind, OutboxMessage
from campaign.mail.notices.shapes import Notice

KEPT = timedelta(days=90)  # longer than any provider's notice is believed, so that none works twice
SILENCED = {NoticeKind.HARD_BOUNCE: "hard bounce", NoticeKind.COMPLAINT: "complaint"}


@dataclass(frozen=True)
class Taken:
    """How many notices were new, known already, or about no mailbox that could be ours."""

    new: int = 0
    known: int = 0
    unknown: int = 0


def take_in(session: Session, provider: str, notices: Sequence[Notice], *, hash_key: str, now: datetime) -> Taken:
    """Store what a provider told, whose word has been proven. What was told before does nothing."""
    new = known = unknown = 0
    for notice in notices:
        try:
            key = address_key(hash_key, check_address(notice.address))
        except AddressRefused:
            unknown += 1
            continue
        mail = find_mail(session, [key], notice.message_id)
        if store(session, provider, notice, key, mail, now=now):
            new += 1
        else:
            known += 1
    return Taken(new, known, unknown)


def find_mail(session: Session, recipient_keys: Sequence[str], message_id: str) -> OutboxMessage | None:
    """The mail with this Message-ID that went to one of these mailboxes."""
    if not message_id or not recipient_keys:
        return None
    return session.scalar(
        select(OutboxMessage).where(
            OutboxMessage.recipient_key.in_(recipient_keys), OutboxMessage.message_id == message_id
        )
    )


def store(
    session: Session, provider: str, notice: Notice, recipient_key: str, mail: OutboxMessage | None, *, now: datetime
) -> bool:
    """Note it, and do what follows; False where it was noted before."""
    row = insert_into(session, MailNotice).values(
        provider=provider, notice_key=notice.key, kind=notice.kind, recipient_key=recipient_key,
        outbox_id=mail.id if mail else None, reason=notice.reason, happened_at=notice.happened_at, received_at=now,
    )  # fmt: skip
    if session.scalar(row.on_conflict_do_nothing().returning(MailNotice.id)) is None:
        return False
    if notice.kind in SILENCED:
        suppress(session, recipient_key, SILENCED[notice.kind], now=now)
    if mail is not None and notice.kind is NoticeKind.HARD_BOUNCE:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == mail.id, OutboxMessage.state == MailState.SENT)
            .values(state=MailState.FAILED, error=f"came back: {notice.reason}")
            .execution_options(synchronize_session=False)
        )
    return True


def is_anything_old(session: Session, *, now: datetime) -> bool:
    """True where `forget` would find a row; a plain read."""
    return session.scalar(select(MailNotice.id).where(MailNotice.received_at < now - KEPT).limit(1)) is not None


def forget(session: Session, *, now: datetime, limit: int = 1000) -> int:
    """Delete one batch of notices that nobody needs any more; what followed from them stays."""
    old = select(MailNotice.id).where(MailNotice.received_at < now - KEPT).limit(limit)
    ids = list(session.scalars(old))
    session.execute(delete(MailNotice).where(MailNotice.id.in_(ids)))
    return len(ids)
