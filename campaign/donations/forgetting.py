"""Forgetting a donor: who gave is emptied, what was given stays, with its receipt and all that the law has us keep.

A Gift Aid declaration stands by itself, with the name and house that HMRC asks for, until its time is over.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from campaign.core.addresses import address_key
from campaign.core.errors import Closed
from campaign.core.identifiers import new_public_id
from campaign.donations.changing import ask_change
from campaign.donations.models import (
    ChangeKind,
    Donation,
    MessageState,
    MonthlyGift,
    MonthlyGiftState,
    OfflineGift,
    Payment,
)
from campaign.mail.models import MailKind
from campaign.mail.outbox import delete_unsent

_NOTHING: dict[str, Any] = {
    "name": "",
    "email": "",
    "message": "",
    "message_state": None,
    "in_memory_of": "",
    "show_name": False,
    "wants_updates": False,
    "checkout_url": None,
}


def list_gifts(session: Session, email_key: str) -> Sequence[Donation]:
    """The gifts of a mailbox that still tell who gave, newest first; also those that were never paid."""
    query = select(Donation).where(Donation.email_key == email_key, Donation.email != "")
    return session.scalars(query.order_by(Donation.id.desc())).all()


def running_gifts(session: Session, donation_ids: Sequence[int]) -> set[int]:
    """Those of the donations that began a monthly gift which goes on."""
    query = select(MonthlyGift.donation_id).where(
        MonthlyGift.donation_id.in_(donation_ids),
        MonthlyGift.state != MonthlyGiftState.CANCELED,
        MonthlyGift.cancel_asked_at.is_(None),
    )
    return set(session.scalars(query))


def rename(session: Session, donation: Donation, name: str) -> None:
    """Put the donor's name right, on the gift and its receipt. A Gift Aid declaration says what was declared."""
    session.execute(
        update(Donation)
        .where(Donation.id == donation.id, Donation.email != "")
        .values(name=name)
        .execution_options(synchronize_session=False)
    )


def hide(session: Session, donation: Donation) -> bool:
    """Show neither name nor words of this donor any more; gives whether either could be seen."""
    seen = donation.show_name or donation.message_state in (MessageState.AWAITING, MessageState.PUBLISHED)
    if seen:
        state = None if donation.message_state is None else MessageState.REFUSED
        session.execute(
            update(Donation)
            .where(Donation.id == donation.id)
            .values(show_name=False, message_state=state)
            .execution_options(synchronize_session=False)
        )
    return seen


def forget(session: Session, donation: Donation, *, now: datetime, asked_by: str) -> None:
    """Empty what tells who gave. A monthly gift ends with it, because nobody could be told of it any more."""
    gifts = session.scalars(select(MonthlyGift.id).where(MonthlyGift.donation_id == donation.id)).all()
    for gift_id in gifts:
        try:
            ask_change(session, gift_id, ChangeKind.CANCEL, asked_by=asked_by, now=now)
        except Closed:
            continue  # it has ended already
    payments = session.scalars(select(Payment.id).where(Payment.donation_id == donation.id)).all()
    delete_unsent(session, [MailKind.DONATION_RECEIPT], payments)
    delete_unsent(session, [MailKind.GIVING_LINK], [donation.id])
    anonymise(session, [donation.id], [donation.email_key])


def anonymise(session: Session, ids: Sequence[int], email_keys: Sequence[str]) -> None:
    """Empty who gave these. Of a donor about whom nothing is left, not even the hash of the address stays.

    All gifts of one donor get the same new value for it, so that whoever gave twice still counts as one donor.
    """
    for statement in (
        update(Donation).where(Donation.id.in_(ids)).values(**_NOTHING),
        update(MonthlyGift).where(MonthlyGift.donation_id.in_(ids)).values(email_key=_nobody()),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    for key in set(email_keys):
        known = session.scalar(select(exists().where(Donation.email_key == key, Donation.email != "")))
        if not known:
            session.execute(
                update(Donation)
                .where(Donation.email_key == key)
                .values(email_key=_nobody())
                .execution_options(synchronize_session=False)
            )


def _nobody() -> str:
    return f"gone:{new_public_id()}"


def list_offline_gifts(session: Session, email_key: str) -> Sequence[OfflineGift]:
    """What the owner of the address gave in cash, by cheque or by transfer, as far as staff noted the address."""
    query = select(OfflineGift).where(OfflineGift.email_key == email_key)
    return session.scalars(query.order_by(OfflineGift.id.desc())).all()


def forget_offline(session: Session, gift: OfflineGift) -> None:
    """Empty who gave it and what was noted of them; sum, day and kind stay in the accounts."""
    session.execute(
        update(OfflineGift)
        .where(OfflineGift.id == gift.id)
        .values(name="", email="", email_key=None, note="", voided_reason="", edition=OfflineGift.edition + 1)
        .execution_options(synchronize_session=False)
    )


def key_offline_gifts(session: Session, *, hash_key: str, limit: int) -> int:
    """Give a key to addresses that were noted before there were keys; gives how many."""
    rows = session.execute(_without_key().limit(limit)).all()
    for row in rows:
        key = address_key(hash_key, row.email)
        session.execute(update(OfflineGift).where(OfflineGift.id == row.id).values(email_key=key))
    return len(rows)


def is_a_key_missing(session: Session) -> bool:
    """True where `key_offline_gifts` would find a gift."""
    return session.execute(_without_key().limit(1)).first() is not None


def _without_key() -> Select[int, str]:
    return select(OfflineGift.id, OfflineGift.email).where(OfflineGift.email_key.is_(None), OfflineGift.email != "")
