"""What the staff is warned of at once and not only in the daily digest: mail that does not arrive, and many held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.mail.health import MailFigures, mail_figures
from campaign.reports.waiting import MODERATING, Waiting
from campaign.staff.models import Role, StaffUser

MANY_LATE = 20  # one mail that a server asks to try later is no trouble
MANY_FAILED, FAILED_SHARE = 20, 0.05
MANY_COMPLAINTS, COMPLAINT_RATE = 3, 0.001
MANY_HELD = 50


class Topic(StrEnum):
    MAIL_LATE = "mail_late"
    MAIL_REFUSED = "mail_refused"
    COMPLAINTS = "complaints"
    HELD = "held"


@dataclass(frozen=True)
class Trouble:
    """Something that should be looked at today; `campaign` where it is about one."""

    topic: Topic
    number: int
    campaign: Campaign | None = None

    @property
    def name(self) -> str:
        """By which it is told once a day: the topic, with the campaign's number."""
        return f"{self.topic}:{self.campaign.id}" if self.campaign else str(self.topic)

    def concerns(self, person: StaffUser) -> bool:
        """Whether the person may do something about it."""
        if self.campaign is None:
            return Role.ADMIN in person.roles_everywhere()
        return bool(MODERATING & person.roles_for(self.campaign.id))


def list_troubles(session: Session, waiting: Waiting, *, now: datetime) -> Sequence[Trouble]:
    """What is so now."""
    figures = mail_figures(session, now=now)
    found = [
        Trouble(Topic.MAIL_LATE, waiting.mail.late) if waiting.mail.late >= MANY_LATE else None,
        Trouble(Topic.MAIL_REFUSED, figures.failed) if _is_refused(figures) else None,
        Trouble(Topic.COMPLAINTS, figures.complaints) if _is_complained_of(figures) else None,
        *(Trouble(Topic.HELD, one.held, one.campaign) for one in waiting.campaigns if one.held >= MANY_HELD),
    ]
    return [one for one in found if one is not None]


def _is_refused(figures: MailFigures) -> bool:
    tried = figures.failed + figures.sent
    return figures.failed >= MANY_FAILED and figures.failed >= FAILED_SHARE * tried


def _is_complained_of(figures: MailFigures) -> bool:
    return figures.complaints >= MANY_COMPLAINTS and figures.complaint_rate >= COMPLAINT_RATE
