"""Subscribing: the consent as given, and the subscription that follows from it."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.core.database import insert_into
from campaign.supporters.models import Consent, Subscription, Supporter


def subscribe(
    session: Session,
    *,
    campaign_id: int,
    email: str,
    email_key: str,
    language: str,
    wording_version: str,
    channel: str,
    now: datetime,
) -> None:
    """Note the consent and start the subscription, once a mailed link was pressed. Again adds a consent only."""
    supporter = insert_into(session, Supporter).values(
        email=email, email_key=email_key, language=language, created_at=now
    )
    supporter_id = session.scalar(
        supporter.on_conflict_do_update(index_elements=["email_key"], set_={"email": email}).returning(Supporter.id)
    )
    session.add(
        Consent(
            supporter_id=supporter_id,
            campaign_id=campaign_id,
            wording_version=wording_version,
            channel=channel,
            given_at=now,
        )
    )
    subscription = insert_into(session, Subscription).values(
        supporter_id=supporter_id, campaign_id=campaign_id, started_at=now
    )
    session.execute(
        subscription.on_conflict_do_update(
            index_elements=["supporter_id", "campaign_id"], set_={"started_at": now, "ended_at": None}
        )
    )


def unsubscribe(session: Session, *, campaign_id: int, email_key: str, now: datetime) -> bool:
    """End the subscription of this mailbox to the campaign's news; gives whether there was one."""
    supporter_id = select(Supporter.id).where(Supporter.email_key == email_key).scalar_subquery()
    ended = session.scalar(
        update(Subscription)
        .where(
            Subscription.campaign_id == campaign_id,
            Subscription.supporter_id == supporter_id,
            Subscription.ended_at.is_(None),
        )
        .values(ended_at=now)
        .returning(Subscription.id)
        .execution_options(synchronize_session=False)
    )
    return ended is not None
