"""What the owner of a mailbox sees of subscriptions and consents, and how all of it is erased."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, select, update
from sqlalchemy.orm import Session

from campaign.audit.data_deeds import note
from campaign.audit.models import DeedKind
from campaign.mail.models import MailKind
from campaign.mail.outbox import delete_unsent
from campaign.supporters.models import Consent, Subscription, Supporter

ENDED_LIFE = timedelta(days=30)


def find_supporter(session: Session, email_key: str) -> Supporter | None:
    """Whoever asked for news with this mailbox."""
    return session.scalar(select(Supporter).where(Supporter.email_key == email_key))


def list_subscriptions(session: Session, supporter_id: int) -> Sequence[Subscription]:
    """Of one supporter, also those that ended."""
    query = select(Subscription).where(Subscription.supporter_id == supporter_id).order_by(Subscription.id)
    return session.scalars(query).all()


def list_consents(session: Session, supporter_id: int) -> Sequence[Consent]:
    """Each yes of one supporter, oldest first."""
    return session.scalars(select(Consent).where(Consent.supporter_id == supporter_id).order_by(Consent.id)).all()


def erase(session: Session, email_key: str, *, not_after: datetime) -> bool:
    """Delete a supporter with consents and subscriptions; gives whether there was one.

    One who came later than `not_after` stays: that is somebody who was erased once and has come back.
    """
    supporter_id = session.scalar(
        select(Supporter.id).where(Supporter.email_key == email_key, Supporter.created_at <= not_after)
    )
    if supporter_id is None:
        return False
    delete_supporters(session, [supporter_id])
    return True


def delete_supporters(session: Session, ids: Sequence[int]) -> None:
    """Delete these, and all that hangs on them; also mails that still wait for them."""
    delete_unsent(session, (MailKind.MAILING, MailKind.PREFERENCES_LINK), ids)
    session.execute(delete(Consent).where(Consent.supporter_id.in_(ids)))
    session.execute(delete(Subscription).where(Subscription.supporter_id.in_(ids)))
    session.execute(delete(Supporter).where(Supporter.id.in_(ids)))


def ended(campaign_id: int, *, now: datetime) -> Select[int]:
    """Ids of subscriptions to a campaign's news that ended a while ago."""
    return everybody(campaign_id).where(Subscription.ended_at < now - ENDED_LIFE)


def everybody(campaign_id: int) -> Select[int]:
    """Ids of a campaign's subscriptions."""
    return select(Subscription.id).where(Subscription.campaign_id == campaign_id)


def end(session: Session, email_key: str, campaign_id: int, *, at: datetime) -> None:
    """End a subscription as it was ended at a moment; one that began later goes on."""
    session.execute(
        update(Subscription)
        .where(
            Subscription.supporter_id.in_(select(Supporter.id).where(Supporter.email_key == email_key)),
            Subscription.campaign_id == campaign_id,
            Subscription.started_at <= at,
            Subscription.ended_at.is_(None),
        )
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


def drop_subscriptions(session: Session, ids: Sequence[int]) -> int:
    """Delete subscriptions with the consents they rest on, and the supporters who have none left; gives how many."""
    rows = session.execute(
        delete(Subscription)
        .where(Subscription.id.in_(ids))
        .returning(Subscription.supporter_id, Subscription.campaign_id)
        .execution_options(synchronize_session=False)
    ).all()
    people = sorted({row.supporter_id for row in rows})
    for campaign_id in {row.campaign_id for row in rows}:
        gone = [row.supporter_id for row in rows if row.campaign_id == campaign_id]
        session.execute(delete(Consent).where(Consent.campaign_id == campaign_id, Consent.supporter_id.in_(gone)))
    lonely = session.scalars(
        select(Supporter.id).where(Supporter.id.in_(people), ~exists().where(Subscription.supporter_id == Supporter.id))
    ).all()
    delete_supporters(session, lonely)
    return len(rows)


def note_ended(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Write down that the owners of these subscriptions ended them, so that no older database takes it back."""
    query = select(Supporter.email_key, Subscription.campaign_id).join(
        Subscription, Subscription.supporter_id == Supporter.id
    )
    for row in session.execute(query.where(Subscription.id.in_(ids))):
        note(session, DeedKind.UNSUBSCRIBED, person_key=row.email_key, campaign_id=row.campaign_id, now=now)
