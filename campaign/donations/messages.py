"""What donors write with their gifts: nothing of it shows unless the donor ticked the box, the money stayed, and a
moderator published it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.paging import Page, page_of
from campaign.core.text import first_name
from campaign.donations.models import Donation, DonationState, MessageState

# One whose money went back, or is contested, says nothing on our pages.
_SHOWABLE = (
    Donation.show_name.is_(True),
    Donation.state.in_((DonationState.SUCCEEDED, DonationState.PARTIALLY_REFUNDED)),
)


@dataclass(frozen=True)
class PublicMessage:
    """What readers see of a gift: first name, day, words, and in whose memory it was given."""

    first_name: str
    given_at: datetime
    text: str
    in_memory_of: str


def list_published(session: Session, campaign_id: int, limit: int) -> list[PublicMessage]:
    """The latest messages that a moderator published."""
    rows = session.execute(
        select(Donation.name, Donation.created_at, Donation.message, Donation.in_memory_of)
        .where(
            Donation.campaign_id == campaign_id, Donation.message_state == MessageState.PUBLISHED, *_SHOWABLE
        )
        .order_by(Donation.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        PublicMessage(first_name=first_name(row.name), given_at=row.created_at, text=row.message,
                      in_memory_of=row.in_memory_of)
        for row in rows
    ]  # fmt: skip


def list_messages(
    session: Session, campaign_id: int, state: MessageState, *, after: int | None = None, limit: int = 50
) -> Page[Donation]:
    """Gifts whose message is in a state and may show, newest first; `after` is the cursor of the page before."""
    query = select(Donation).where(Donation.campaign_id == campaign_id, Donation.message_state == state, *_SHOWABLE)
    if after is not None:
        query = query.where(Donation.id < after)
    return page_of(session.scalars(query.order_by(Donation.id.desc()).limit(limit + 1)).all(), limit)


def count_awaiting(session: Session, campaign_ids: Sequence[int]) -> dict[int, int]:
    """Campaign id → how many messages wait for a moderator."""
    rows = session.execute(
        select(Donation.campaign_id, func.count(Donation.id).label("awaiting"))
        .where(Donation.campaign_id.in_(campaign_ids), Donation.message_state == MessageState.AWAITING, *_SHOWABLE)
        .group_by(Donation.campaign_id)
    )
    return dict.fromkeys(campaign_ids, 0) | {row.campaign_id: row.awaiting for row in rows}


def decide(
    session: Session, campaign_id: int, public_ids: Sequence[str], to: MessageState, *, was: MessageState, actor: str,
    now: datetime,
) -> int:  # fmt: skip
    """Publish or refuse the messages of some gifts; gives how many.

    What is no longer in the state in which it was seen (`was`) is left alone, and so is what may not show.
    """
    decided = session.scalars(
        update(Donation)
        .where(
            Donation.campaign_id == campaign_id, Donation.public_id.in_(public_ids), Donation.message_state == was,
            *_SHOWABLE,
        )
        .values(message_state=to)
        .returning(Donation.public_id)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    for public_id in decided:
        record(
            session, actor=actor, action=f"message.{to.value}", object_type="donation", object_id=public_id, now=now,
            campaign_id=campaign_id, was=was.value,
        )  # fmt: skip
    return len(decided)
