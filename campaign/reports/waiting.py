"""What waits for the staff: counted once for the whole site, then told to each person as far as their roles go.

Numbers only. Nothing here, nor in what is made of it, names a signer, a donor or an address.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.donations import oversight
from campaign.donations.messages import count_awaiting
from campaign.mail.health import MailTrouble, mail_trouble
from campaign.petitions import queue, tally
from campaign.petitions.models import SignatureState
from campaign.staff.models import Role, StaffUser

MODERATING = frozenset({Role.MODERATOR, Role.ADMIN})


@dataclass(frozen=True)
class CampaignWaiting:
    """What waits in one campaign; comments are counted to a limit."""

    campaign: Campaign
    held: int
    comments: int
    messages: int

    @property
    def total(self) -> int:
        return self.held + self.comments + self.messages


@dataclass(frozen=True)
class Waiting:
    """What waits: in campaigns where there is something, with mail, and with payments."""

    campaigns: Sequence[CampaignWaiting]
    mail: MailTrouble
    payments: int

    @property
    def total(self) -> int:
        return sum(one.total for one in self.campaigns) + self.mail.late + self.mail.failed + self.payments


def all_waiting(session: Session, *, now: datetime) -> Waiting:
    """What waits on the whole site."""
    campaigns = session.scalars(select(Campaign).order_by(Campaign.id.desc())).all()
    ids = [campaign.id for campaign in campaigns]
    counts = tally.many_counts(session, ids)
    comments, messages = queue.count_awaiting_comments(session, ids), count_awaiting(session, ids)
    found = [
        CampaignWaiting(one, counts[one.id][SignatureState.HELD], comments[one.id], messages[one.id])
        for one in campaigns
    ]
    return Waiting(
        campaigns=[one for one in found if one.total],
        mail=mail_trouble(session, now=now),
        payments=oversight.count_to_look_at(session),
    )


def waiting_for(person: StaffUser, waiting: Waiting) -> Waiting:
    """Of what waits, what this person may do something about."""
    own = [one for one in waiting.campaigns if MODERATING & person.roles_for(one.campaign.id)]
    if Role.ADMIN in person.roles_everywhere():
        return replace(waiting, campaigns=own)
    return Waiting(campaigns=own, mail=MailTrouble(late=0, failed=0), payments=0)
