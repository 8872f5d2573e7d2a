"""Who a mailing goes to: supporters who asked for news of the campaign and still want them, narrowed by what the
petition and the donations know of them.

One query serves the size, the sample, the list itself and the file of supporters, so that none says more than another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from campaign.donations.models import Donation, Payment
from campaign.mail.bulk import Recipient
from campaign.mail.models import Suppression
from campaign.petitions.models import Signature
from campaign.supporters.models import Donors, Mailing, Subscription, Supporter

SAMPLE = 5


@dataclass(frozen=True)
class Audience:
    """Supporters of a campaign; empty fields leave nobody out. `until`: who subscribed later is not among them."""

    campaign_id: int
    country: str = ""
    source: str = ""
    donors: Donors = Donors.ANY
    until: datetime | None = None

    @classmethod
    def of(cls, mailing: Mailing) -> "Audience":
        """As the mailing has it."""
        return cls(mailing.campaign_id, mailing.country, mailing.source, mailing.donors, mailing.started_at)


def count_audience(session: Session, audience: Audience) -> int:
    """Exactly how many mails would go now."""
    return session.scalar(among(select(func.count()), audience)) or 0


def sample_audience(session: Session, audience: Audience) -> list[tuple[Supporter, Subscription]]:
    """A few of them, the latest."""
    rows = session.execute(
        among(select(Supporter, Subscription), audience).order_by(Subscription.id.desc()).limit(SAMPLE)
    )
    return [(row.Supporter, row.Subscription) for row in rows]


def next_recipients(session: Session, audience: Audience, *, after: int, limit: int) -> list[tuple[int, Recipient]]:
    """The next of them by their subscription's id, which comes with each."""
    rows = session.execute(
        among(select(Subscription.id, Supporter.id, Supporter.email_key, Supporter.language), audience)
        .where(Subscription.id > after)
        .order_by(Subscription.id)
        .limit(limit)
    )
    return [(number, Recipient(supporter, key, language)) for number, supporter, key, language in rows]


def among(query: Select[*tuple[Any, ...]], audience: Audience) -> Select[*tuple[Any, ...]]:
    """The query over subscriptions and supporters, of these only."""
    query = (
        query.select_from(Subscription)
        .join(Supporter, Supporter.id == Subscription.supporter_id)
        .where(
            Subscription.campaign_id == audience.campaign_id,
            Subscription.ended_at.is_(None),
            ~exists().where(Suppression.recipient_key == Supporter.email_key),
        )
    )
    if audience.until:
        query = query.where(Subscription.started_at <= audience.until)
    if audience.country:
        query = query.where(_signed(audience, Signature.country == audience.country))
    if audience.source:
        came = [_signed(audience, Signature.source == audience.source), _gave(audience, source=audience.source)]
        query = query.where(or_(*came))
    if audience.donors is not Donors.ANY:
        gave = _gave(audience)
        query = query.where(gave if audience.donors is Donors.GAVE else ~gave)
    return query


def _signed(audience: Audience, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        Signature.campaign_id == audience.campaign_id, Signature.email_key == Supporter.email_key, condition
    )


def _gave(audience: Audience, *, source: str = "") -> ColumnElement[bool]:
    """Paid once at least, whatever became of it since."""
    conditions = [Donation.campaign_id == audience.campaign_id, Donation.email_key == Supporter.email_key]
    if source:
        conditions.append(Donation.source == source)
    return exists().where(*conditions, Payment.donation_id == Donation.id)
