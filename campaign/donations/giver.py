"""The donor's own page: the link to it, mailed to whoever gave with an address, and what the page is about.

A link names one of the donor's donations; through its address it opens all of them. What the asker sees is the same
whether an address ever gave.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.addresses import address_key
from campaign.core.errors import NotFound
from campaign.core.tokens import Purpose, Token, Tokens
from campaign.donations.models import ChangeState, Donation, FailedRenewal, MonthlyGift, MonthlyGiftChange
from campaign.mail.models import MailKind
from campaign.mail.outbox import enqueue, free_at

LINK_LIFE = timedelta(days=7)
MAILS_A_DAY = 3
_VERSION = 1


def ask_link(session: Session, email: str, *, hash_key: str, language: str, now: datetime) -> None:
    """Queue the mail with the link, at most three a day to an address; nothing where the address never gave."""
    key = address_key(hash_key, email)
    donation_id = session.scalar(
        select(Donation.id)
        .where(Donation.email_key == key, Donation.email != "")
        .order_by(Donation.id.desc())
        .limit(1)
        .with_for_update()  # asking twice at once queues up here
    )
    kinds = (MailKind.GIVING_LINK,)
    if donation_id is None or free_at(session, key, kinds=kinds, limit=MAILS_A_DAY, now=now) > now:
        return
    enqueue(session, MailKind.GIVING_LINK, object_id=donation_id, recipient_key=key, language=language, now=now)


def giving_token(tokens: Tokens, donation: Donation) -> str:
    """The token of the mailed link; made anew at each sending, good for LINK_LIFE from then."""
    return tokens.make(Purpose.GIVING, donation.id, _VERSION)


def find_donor(session: Session, token: Token) -> Donation:
    """The donation that the link names; its `email_key` is the donor's. Raises NotFound where it is gone."""
    donation = session.get(Donation, token.row_id)
    if donation is None or not donation.email or token.version != _VERSION:
        raise NotFound("There is no donor behind this link.")
    return donation


def list_monthly_gifts(session: Session, email_key: str) -> Sequence[tuple[MonthlyGift, str]]:
    """The donor's monthly gifts, newest first, each with its campaign's title."""
    rows = session.execute(
        select(MonthlyGift, Campaign.title)
        .join(Campaign, Campaign.id == MonthlyGift.campaign_id)
        .where(MonthlyGift.email_key == email_key)
        .order_by(MonthlyGift.id.desc())
    )
    return [(gift, title) for gift, title in rows]


def get_own_gift(session: Session, email_key: str, public_id: str) -> MonthlyGift:
    """One of the donor's own monthly gifts. Raises NotFound, also for somebody else's."""
    gift = session.scalar(
        select(MonthlyGift).where(MonthlyGift.email_key == email_key, MonthlyGift.public_id == public_id)
    )
    if gift is None:
        raise NotFound("There is no such monthly gift.")
    return gift


def wanted_changes(session: Session, gift_ids: Sequence[int]) -> dict[int, MonthlyGiftChange]:
    """By gift, the latest change that Stripe has not done yet."""
    rows = session.scalars(
        select(MonthlyGiftChange)
        .where(MonthlyGiftChange.monthly_gift_id.in_(gift_ids), MonthlyGiftChange.state == ChangeState.WANTED)
        .order_by(MonthlyGiftChange.id)
    )
    return {change.monthly_gift_id: change for change in rows}


def open_failures(session: Session, gift_ids: Sequence[int]) -> dict[int, FailedRenewal]:
    """By gift, the latest renewal that failed and was not paid since."""
    rows = session.scalars(
        select(FailedRenewal)
        .where(FailedRenewal.monthly_gift_id.in_(gift_ids), FailedRenewal.paid_at.is_(None))
        .order_by(FailedRenewal.id)
    )
    return {failure.monthly_gift_id: failure for failure in rows}
