"""What a worker does for a mailing: starts it, makes its list batch by batch, counts, and clears up a cancelled one.

Each step is one transaction that checks the state and moves the cursor with what it adds, so a worker may be killed
anywhere and another goes on from the last step that was stored.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.core.leases import anything_due, lease
from campaign.mail import bulk
from campaign.mail.bulk import Recipient
from campaign.mail.models import MailState
from campaign.supporters.models import Mailing, MailingState

BATCH = 1_000
# A step takes well under a second; the lease only says how soon another worker takes up what a killed one has left.
LEASE = timedelta(seconds=20)
COUNTED_EVERY = timedelta(seconds=5)

S = MailingState
_DUE = Mailing.state.in_([S.SCHEDULED, S.SENDING]) | ((Mailing.state == S.CANCELLED) & Mailing.finished_at.is_(None))


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """True where `take` would find one."""
    return anything_due(session, Mailing, _DUE, now=now)


def take(session: Session, *, now: datetime) -> Mailing | None:
    """Lease the mailing that has waited for longest. Commit before working on it."""
    taken = lease(session, Mailing, _DUE, now=now, limit=1, length=LEASE)
    return taken[0] if taken else None


def list_sending(session: Session) -> Sequence[int]:
    """The mailings whose mails may go now, the oldest first."""
    return session.scalars(select(Mailing.id).where(Mailing.state == S.SENDING).order_by(Mailing.id)).all()


def start(session: Session, mailing: Mailing, *, now: datetime) -> None:
    """The time has come: from now on the list is made and mails go."""
    _move(session, mailing, S.SCHEDULED, state=S.SENDING, started_at=now, available_at=now)


def add_batch(
    session: Session, mailing: Mailing, batch: Sequence[tuple[int, Recipient]], *, is_last: bool, now: datetime
) -> bool:
    """Put these recipients (each with its subscription's id, ascending) on the list; False where it must not go on."""
    cursor = batch[-1][0] if batch else mailing.cursor
    held = session.scalar(
        select(Mailing.cursor)
        .where(Mailing.id == mailing.id, Mailing.state == S.SENDING, Mailing.made_at.is_(None))
        .with_for_update()
    )
    if held != mailing.cursor:
        return False  # stopped, or another worker has been here
    added = bulk.add_mails(session, mailing.id, [one for _id, one in batch], now=now)
    session.execute(
        update(Mailing)
        .where(Mailing.id == mailing.id)
        .values(cursor=cursor, made=Mailing.made + added, made_at=now if is_last else None)
        .execution_options(synchronize_session=False)
    )
    return not is_last


def count(session: Session, mailing: Mailing, *, now: datetime) -> None:
    """Store the figures; with the last mail gone, the mailing is done."""
    mails = bulk.count_mails(session, mailing.id)
    figures = {
        "sent": mails[MailState.SENT],
        "refused": mails[MailState.FAILED],
        # Mails of people who were forgotten may have been deleted, not only dropped.
        "left_out": Mailing.made - mails[MailState.SENT] - mails[MailState.FAILED] - mails[MailState.QUEUED],
        "counted_at": now,
    }
    session.execute(
        update(Mailing).where(Mailing.id == mailing.id).values(figures).execution_options(synchronize_session=False)
    )
    if not mails[MailState.QUEUED]:
        _move(session, mailing, S.SENDING, Mailing.made_at.is_not(None), state=S.SENT, finished_at=now)


def clear_up(session: Session, mailing: Mailing, *, now: datetime) -> int:
    """Take a batch of a cancelled mailing's mails out of the queue; with the last of them it is done."""
    dropped = bulk.drop_waiting(session, mailing.id, limit=BATCH)
    if not dropped:
        count(session, mailing, now=now)
        _move(session, mailing, S.CANCELLED, finished_at=now)
    return dropped


def rest(session: Session, mailing: Mailing, *, until: datetime) -> None:
    """Give back the lease; the mailing is due again then."""
    _move(session, mailing, mailing.state, available_at=until)


def _move(session: Session, mailing: Mailing, came_from: MailingState, *conditions: object, **values: object) -> None:
    session.execute(
        update(Mailing)
        .where(Mailing.id == mailing.id, Mailing.state == came_from, *conditions)  # type: ignore[arg-type]
        .values(values)
        .execution_options(synchronize_session=False)
    )
