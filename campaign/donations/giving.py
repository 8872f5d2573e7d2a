"""Giving: stores a donation before Stripe hears of it, once for each form that was sent.

What follows needs other transactions and is the door's: open the checkout at Stripe, then `settling.settle` with the
answer.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.addresses import address_key
from campaign.core.database import insert_into
from campaign.core.errors import Closed
from campaign.core.identifiers import new_public_id
from campaign.core.money import with_fee_covered
from campaign.donations.models import Donation, DonationState, Frequency, MessageState
from campaign.donations.moves import note_begun

CONSENT_VERSION = "2026-11"


@dataclass(frozen=True)
class Gift:
    """What a donor sent, already cleaned and checked in shape. `amount_minor` is before fee cover."""

    amount_minor: int
    currency: str
    name: str
    email: str
    message: str = ""
    show_name: bool = False
    cover_fee: bool = False
    wants_updates: bool = False
    source: str = ""
    frequency: Frequency = Frequency.ONCE
    in_memory_of: str = ""
    consent_version: str = CONSENT_VERSION

    @property
    def charge_minor(self) -> int:
        """What the card is charged, in minor units."""
        return with_fee_covered(self.amount_minor, self.currency) if self.cover_fee else self.amount_minor


def form_key(one_use_key: str, fields: Iterable[tuple[str, str]]) -> str:
    """What makes two sent forms the same wish: their one-use key and all that was typed. Without a key, none are.

    The key alone would send somebody who goes back and changes the amount to the checkout of the old one.
    """
    return hashlib.sha256(repr((one_use_key or new_public_id(), sorted(fields))).encode()).hexdigest()


def give(
    session: Session, campaign: Campaign, gift: Gift, *, key: str, hash_key: str, language: str, now: datetime
) -> tuple[Donation, bool]:
    """Store a donation as created; gives it and True, or the one stored before under this form key and False.

    Raises Closed where the campaign takes no gifts.
    """
    if not campaign.takes_gifts(now):
        raise Closed("This campaign takes no donations any more.")
    new_id = session.scalar(
        insert_into(session, Donation)
        .values(
            public_id=new_public_id(),
            campaign_id=campaign.id,
            state=DonationState.CREATED,
            frequency=gift.frequency,
            amount_minor=gift.charge_minor,
            fee_cover_minor=gift.charge_minor - gift.amount_minor,
            currency=gift.currency,
            name=gift.name,
            email=gift.email,
            email_key=address_key(hash_key, gift.email),
            message=gift.message,
            message_state=MessageState.AWAITING if gift.message or gift.in_memory_of else None,
            in_memory_of=gift.in_memory_of,
            show_name=gift.show_name,
            wants_updates=gift.wants_updates,
            consent_version=gift.consent_version,
            language=language,
            source=gift.source,
            form_key=key,
            created_at=now,
            state_changed_at=now,
        )
        .on_conflict_do_nothing(index_elements=["form_key"])
        .returning(Donation.id)
    )
    donation = session.scalars(select(Donation).where(Donation.form_key == key)).one()
    if new_id is not None:
        note_begun(session, donation, cause="form", now=now)
    return donation, new_id is not None
