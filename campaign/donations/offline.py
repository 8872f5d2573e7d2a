"""Gifts that came without Stripe: entered by hand, corrected or voided with a reason, and part of a campaign's totals.

What such a gift says now is in its row. The trail keeps what it said before, without who gave it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.addresses import address_key
from campaign.core.database import insert_into
from campaign.core.errors import ChangedMeanwhile, NotFound
from campaign.core.identifiers import new_public_id
from campaign.core.paging import Page, page_of
from campaign.donations.models import OfflineGift, OfflineMethod

LONGEST_NOTE = 500
FIRST_YEAR = 2000  # a year before it is a slip of the pen
_PERSONAL = ("name", "email", "note")


@dataclass(frozen=True, kw_only=True)
class OfflineFields:
    """What an offline gift says: minor units of `currency`, on a day in the organisation's zone."""

    method: OfflineMethod
    amount_minor: int
    currency: str
    given_on: date
    name: str = ""
    email: str = ""
    note: str = ""

    def told(self) -> dict[str, Any]:
        """The fields for the trail, without the person."""
        plain = {name: value for name, value in asdict(self).items() if name not in _PERSONAL}
        return plain | {"given_on": self.given_on.isoformat(), "method": self.method.value}


def stored(fields: OfflineFields, hash_key: str) -> dict[str, Any]:
    """The fields as columns, with the key by which the owner of the address finds the gift."""
    return asdict(fields) | {"email_key": address_key(hash_key, fields.email) if fields.email else None}


def fields_of(gift: OfflineGift) -> OfflineFields:
    """What a stored gift says."""
    return OfflineFields(**{name: getattr(gift, name) for name in OfflineFields.__dataclass_fields__})


def add_gift(
    session: Session,
    campaign_id: int,
    fields: OfflineFields,
    *,
    hash_key: str,
    form_key: str,
    actor: str,
    now: datetime,
) -> bool:
    """Enter a gift, once for each form key; gives whether it was new."""
    public_id = session.scalar(
        insert_into(session, OfflineGift)
        .values(
            public_id=new_public_id(), campaign_id=campaign_id, form_key=form_key, edition=1, created_at=now,
            voided_reason="", **stored(fields, hash_key),
        )
        .on_conflict_do_nothing(index_elements=["form_key"])
        .returning(OfflineGift.public_id)
    )  # fmt: skip
    if public_id is None:
        return False
    _note(session, campaign_id, public_id, "entered", actor=actor, now=now, **fields.told())
    return True


def correct_gift(
    session: Session,
    campaign_id: int,
    public_id: str,
    fields: OfflineFields,
    *,
    hash_key: str,
    was: int,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Let a gift say something else, for a reason.

    Raises NotFound, and ChangedMeanwhile where its edition is not the one that was shown (`was`) or it was voided.
    """
    before = fields_of(get_gift(session, campaign_id, public_id))
    changed = session.scalar(
        update(OfflineGift)
        .where(OfflineGift.public_id == public_id, OfflineGift.edition == was, OfflineGift.voided_at.is_(None))
        .values(edition=was + 1, **stored(fields, hash_key))
        .returning(OfflineGift.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise ChangedMeanwhile("Somebody else has changed this gift.")
    personal = [name for name in _PERSONAL if getattr(before, name) != getattr(fields, name)]
    _note(
        session, campaign_id, public_id, "corrected", actor=actor, now=now, reason=reason, before=before.told(),
        also_changed=personal, **fields.told(),
    )  # fmt: skip


def void_gift(session: Session, campaign_id: int, public_id: str, *, reason: str, actor: str, now: datetime) -> None:
    """Let a gift count no more; it stays with the reason. A second time changes nothing. Raises NotFound."""
    gift = get_gift(session, campaign_id, public_id)
    voided = session.scalar(
        update(OfflineGift)
        .where(OfflineGift.id == gift.id, OfflineGift.voided_at.is_(None))
        .values(voided_at=now, voided_reason=reason)
        .returning(OfflineGift.id)
        .execution_options(synchronize_session=False)
    )
    if voided is not None:
        _note(session, campaign_id, public_id, "voided", actor=actor, now=now, reason=reason, **fields_of(gift).told())


def get_gift(session: Session, campaign_id: int, public_id: str) -> OfflineGift:
    """One gift of the campaign. Raises NotFound."""
    gift = session.scalar(
        select(OfflineGift).where(OfflineGift.campaign_id == campaign_id, OfflineGift.public_id == public_id)
    )
    if gift is None:
        raise NotFound("There is no such gift.")
    return gift


def list_gifts(session: Session, campaign_id: int, *, after: int | None = None, limit: int = 50) -> Page[OfflineGift]:
    """A campaign's offline gifts in the order of entering, the latest first; voided ones too."""
    query = select(OfflineGift).where(OfflineGift.campaign_id == campaign_id)
    if after is not None:
        query = query.where(OfflineGift.id < after)
    return page_of(session.scalars(query.order_by(OfflineGift.id.desc()).limit(limit + 1)).all(), limit)


def many_offline_totals(session: Session, campaign_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Campaign id → currency → minor units given offline; one statement whatever their number."""
    rows = session.execute(
        select(OfflineGift.campaign_id, OfflineGift.currency, func.sum(OfflineGift.amount_minor))
        .where(OfflineGift.campaign_id.in_(campaign_ids), OfflineGift.voided_at.is_(None))
        .group_by(OfflineGift.campaign_id, OfflineGift.currency)
    )
    found: dict[int, dict[str, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    for campaign_id, currency, amount in rows:
        found[campaign_id][currency] = int(amount)
    return found


def _note(
    session: Session,
    campaign_id: int,
    public_id: str,
    verb: str,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    **details: Any,
) -> None:
    record(
        session, actor=actor, action=f"offline_gift.{verb}", object_type="offline_gift", object_id=public_id, now=now,
        campaign_id=campaign_id, reason=reason, **details,
    )  # fmt: skip
