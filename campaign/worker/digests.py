"""The staff's daily digest and warnings, by the timetable: looked for in plain reads, noted in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.mail.models import MailKind
from campaign.reports.troubles import list_troubles
from campaign.reports.waiting import all_waiting, waiting_for
from campaign.settings import Settings
from campaign.staff import telling
from campaign.staff.models import StaffUser


def send_digests(settings: Settings) -> int:
    """Once a day, from the hour on that is set, write to each of the staff what waits for them; gives how many mails.

    Nobody gets a mail that says that nothing waits.
    """
    now = clock.now()
    local = now.astimezone(settings.zone)
    people = telling.untold(db.session(), telling.DIGEST, local.date()) if local.hour >= settings.digest_hour else []
    if not people:
        return 0
    waiting = all_waiting(db.session(), now=now)
    found = [(person, telling.DIGEST, waiting_for(person, waiting).total > 0) for person in people]
    return _tell(settings, MailKind.STAFF_DIGEST, found, now)


def warn_staff(settings: Settings) -> int:
    """Write at once about what should not wait for the digest, once a day to each; gives how many mails."""
    now = clock.now()
    day = now.astimezone(settings.zone).date()
    troubles = list_troubles(db.session(), all_waiting(db.session(), now=now), now=now)
    found = [
        (person, trouble.name, True)
        for trouble in troubles
        for person in telling.untold(db.session(), trouble.name, day)
        if trouble.concerns(person)
    ]
    return _tell(settings, MailKind.STAFF_ALERT, found, now)


def _tell(settings: Settings, kind: MailKind, found: Sequence[tuple[StaffUser, str, bool]], now: datetime) -> int:
    """To whom, of what, and whether there is anything to write; gives how many mails."""
    if not found:
        return 0
    day = now.astimezone(settings.zone).date()
    with transaction() as session:
        telling.forget(session, now=now)
        return sum(
            telling.tell(
                session, person, kind, topic, day, has_to=has_to, hash_key=settings.hash_key,
                language=settings.languages[0], now=now,
            )
            for person, topic, has_to in found
        )  # fmt: skip
