"""Sending again what was given up: a person's decision, noted in the trail."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.errors import DomainError, NotFound
from campaign.mail.models import BULK, MailState, OutboxMessage, Suppression

# Why a mailbox is not written to, where somebody who knows better may have it tried again. Not among them: that its
# owner does not want our mail.
MAY_BE_LIFTED = ("refused by its server", "hard bounce")
UNBUILT = "cannot be built:"
MOST_AT_ONCE = 1_000


class AgainRefused(DomainError):
    """The mailbox is silent for a reason that staff cannot lift, or the mail was one of many."""


def may_be_sent_again(mail: OutboxMessage, suppression: Suppression | None) -> bool:
    """True where `send_again` would queue it."""
    if mail.priority >= BULK:
        return False  # nobody gets a mailing twice
    return mail.state is MailState.FAILED and (suppression is None or suppression.reason in MAY_BE_LIFTED)


def send_again(session: Session, mail_id: int, *, actor: str, now: datetime) -> None:
    """Queue a mail that was given up, and write to its mailbox again where that had been refused.

    One that is queued already stays as it is. Raises NotFound, and AgainRefused.
    """
    mail = session.scalar(select(OutboxMessage).where(OutboxMessage.id == mail_id).with_for_update())
    if mail is None:
        raise NotFound("There is no such mail.")
    if mail.state is not MailState.FAILED:
        return
    suppression = session.get(Suppression, mail.recipient_key)
    if not may_be_sent_again(mail, suppression):
        raise AgainRefused("Mailings go once, and who does not want our mail gets none.")
    if suppression is not None:
        session.execute(delete(Suppression).where(Suppression.recipient_key == mail.recipient_key))
    # It is days old for nobody any more: the time after which it is given up begins anew.
    mail.state, mail.created_at, mail.available_at, mail.attempts, mail.error = MailState.QUEUED, now, now, 0, ""
    record(
        session, actor=actor, action="mail.sent_again", object_type="mail", object_id=mail_id, now=now,
        kind=mail.kind.value, lifted=suppression.reason if suppression else None,
    )  # fmt: skip


def send_unbuilt_again(session: Session, *, actor: str, now: datetime) -> int:
    """Queue the mails that could not be built, as after a fault of ours was mended; gives how many."""
    some = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.state == MailState.FAILED,
            OutboxMessage.error.startswith(UNBUILT),
            OutboxMessage.priority < BULK,
        )
        .order_by(OutboxMessage.id.desc())
        .limit(MOST_AT_ONCE)
    )
    done = session.scalars(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(some), OutboxMessage.state == MailState.FAILED)
        .values(state=MailState.QUEUED, created_at=now, available_at=now, attempts=0, error="")
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).all()
    if done:
        record(
            session, actor=actor, action="mail.sent_again", object_type="site", object_id="mail", now=now,
            count=len(done),
        )  # fmt: skip
    return len(done)
