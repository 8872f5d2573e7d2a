"""Leaving a campaign's list by the link that each of its mails carries.

The link names the subscription and the mailing, is good for years, and works once and again.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.tokens import Purpose, Token, Tokens
from campaign.supporters.leaving import note_ended
from campaign.supporters.models import Mailing, Subscription


def unsubscribe_token(tokens: Tokens, subscription_id: int, mailing_id: int) -> str:
    """The token of the link in one mail."""
    return tokens.make(Purpose.UNSUBSCRIBE, subscription_id, mailing_id)


def find_subscription(session: Session, token: Token) -> tuple[Subscription, Campaign] | None:
    """What the link names; None where its owner was forgotten meanwhile, so that there is nothing to leave."""
    row = session.execute(
        select(Subscription, Campaign)
        .join(Campaign, Campaign.id == Subscription.campaign_id)
        .where(Subscription.id == token.row_id)
    ).one_or_none()
    return (row.Subscription, row.Campaign) if row else None


def leave(session: Session, token: Token, *, everything: bool, now: datetime) -> None:
    """End the subscription that the link names, or all of its owner's; again changes nothing."""
    found = find_subscription(session, token)
    if found is None:
        return
    subscription, _campaign = found
    mailing_id = session.scalar(select(Mailing.id).where(Mailing.id == token.version))
    ended = {"ended_at": now, "ended_by_mailing_id": mailing_id}
    left = session.scalars(
        update(Subscription)
        .where(Subscription.id == subscription.id, Subscription.ended_at.is_(None))
        .values(ended)
        .returning(Subscription.id)
        .execution_options(synchronize_session=False)
    ).all()
    note_ended(session, left, now=now)
    if everything:
        end_all(session, subscription.supporter_id, now=now)


def end_all(session: Session, supporter_id: int, *, now: datetime) -> None:
    """End whatever the supporter still gets."""
    left = session.scalars(
        update(Subscription)
        .where(Subscription.supporter_id == supporter_id, Subscription.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Subscription.id)
        .execution_options(synchronize_session=False)
    ).all()
    note_ended(session, left, now=now)
