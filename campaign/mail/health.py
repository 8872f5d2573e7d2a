"""How delivery is doing: what a person should look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.mail.models import BULK, MailState, OutboxMessage

LATE_AFTER = timedelta(minutes=5)
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class MailTrouble:
    """Mails that should have gone at least five minutes ago, and those of the last week that were refused for good.

    Mails to many wait for their rate, so they are never late.
    """

    late: int
    failed: int


def mail_trouble(session: Session, *, now: datetime) -> MailTrouble:
    """The two numbers as they are now; both zero while all is well."""
    late = select(func.count()).where(
        OutboxMessage.state == MailState.QUEUED,
        OutboxMessage.priority < BULK,
        OutboxMessage.created_at < now - LATE_AFTER,
        # Not those that are meant for later; one tried in vain has been put off, so it counts by its attempts.
        (OutboxMessage.available_at < now - LATE_AFTER) | (OutboxMessage.attempts > 0),
    )
    failed = select(func.count()).where(
        OutboxMessage.state == MailState.FAILED, OutboxMessage.created_at > now - RECENT
    )
    return MailTrouble(late=session.scalar(late) or 0, failed=session.scalar(failed) or 0)
