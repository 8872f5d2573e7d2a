"""Forgetting what was told about mails, by the timetable; what followed from it stays."""

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail.notices import intake


def forget_notices() -> int:
    """Delete one batch of old notices; gives how many."""
    now = clock.now()
    if not intake.is_anything_old(db.session(), now=now):
        return 0
    with transaction() as session:
        return intake.forget(session, now=now)
