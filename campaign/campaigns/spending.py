"""Where the money goes: the budget that was announced, and what was passed on, entered by hand with who got it.

A budget line is known to payouts by its words, so that a budget which is written anew keeps what was paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import AidDelivery, BudgetLine, Campaign, Payout, Update, UpdateState
from campaign.core.database import insert_into
from campaign.core.errors import ChangedMeanwhile, DomainError, NotFound
from campaign.core.identifiers import new_public_id


class NoSuchDelivery(DomainError):
    """The payout names an update that tells of no published delivery of this campaign."""


@dataclass(frozen=True, kw_only=True)
class PayoutFields:
    """What was paid: minor units of `currency`, on a day in the organisation's zone."""

    receiver: str
    amount_minor: int
    currency: str
    paid_on: date
    purpose: str = ""
    delivery: str = ""


@dataclass(frozen=True)
class Spending:
    """One purpose: what is meant for it (None outside the budget) and what was paid for it, in minor units."""

    purpose: str
    currency: str
    planned_minor: int | None
    paid_minor: int


def list_budget(session: Session, campaign_id: int) -> Sequence[BudgetLine]:
    """The budget, in the order in which it was written."""
    return session.scalars(
        select(BudgetLine).where(BudgetLine.campaign_id == campaign_id).order_by(BudgetLine.id)
    ).all()


def set_budget(
    session: Session,
    campaign_id: int,
    lines: Sequence[tuple[str, int]],
    *,
    currency: str,
    seen: Sequence[tuple[str, int]] | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Write the budget anew: (purpose, minor units). Raises ChangedMeanwhile where it is not what was `seen` before."""
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update())
    stored = [(line.purpose, line.amount_minor) for line in list_budget(session, campaign_id)]
    if seen is not None and stored != list(seen):
        raise ChangedMeanwhile("Somebody else has changed the budget.")
    session.execute(delete(BudgetLine).where(BudgetLine.campaign_id == campaign_id))
    session.add_all(
        BudgetLine(campaign_id=campaign_id, purpose=purpose, amount_minor=amount, currency=currency)
        for purpose, amount in lines
    )
    record(
        session, actor=actor, action="budget.changed", object_type="campaign", object_id=campaign_id, now=now,
        campaign_id=campaign_id, lines=[list(line) for line in lines], currency=currency,
    )  # fmt: skip


def add_payout(
    session: Session, campaign_id: int, fields: PayoutFields, *, form_key: str, actor: str, now: datetime
) -> bool:
    """Book a payout, once for each form key; gives whether it was new. Raises NoSuchDelivery."""
    update_id = _delivery_id(session, campaign_id, fields.delivery) if fields.delivery else None
    public_id = session.scalar(
        insert_into(session, Payout)
        .values(
            public_id=new_public_id(),
            campaign_id=campaign_id,
            form_key=form_key,
            purpose=fields.purpose,
            update_id=update_id,
            receiver=fields.receiver,
            amount_minor=fields.amount_minor,
            currency=fields.currency,
            paid_on=fields.paid_on,
            created_at=now,
            taken_back_reason="",
        )
        .on_conflict_do_nothing(index_elements=["form_key"])
        .returning(Payout.public_id)
    )
    if public_id is None:
        return False
    record(
        session, actor=actor, action="payout.booked", object_type="payout", object_id=public_id, now=now,
        campaign_id=campaign_id, amount_minor=fields.amount_minor, currency=fields.currency, receiver=fields.receiver,
    )  # fmt: skip
    return True


def _delivery_id(session: Session, campaign_id: int, public_id: str) -> int:
    found = session.scalar(
        select(Update.id)
        .join(AidDelivery, AidDelivery.update_id == Update.id)
        .where(Update.campaign_id == campaign_id, Update.public_id == public_id, Update.state == UpdateState.PUBLISHED)
    )
    if found is None:
        raise NoSuchDelivery("There is no such delivery.")
    return found


def take_back_payout(
    session: Session, campaign_id: int, public_id: str, *, reason: str, actor: str, now: datetime
) -> None:
    """Take a payout off the books, which keep it with the reason; a second time changes nothing. Raises NotFound."""
    known = (Payout.campaign_id == campaign_id, Payout.public_id == public_id)
    if session.scalar(select(Payout.id).where(*known)) is None:
        raise NotFound("There is no such payout.")
    taken = session.scalar(
        update(Payout)
        .where(*known, Payout.taken_back_at.is_(None))
        .values(taken_back_at=now, taken_back_reason=reason)
        .returning(Payout.id)
    )
    if taken is not None:
        record(
            session, actor=actor, action="payout.taken_back", object_type="payout", object_id=public_id, now=now,
            campaign_id=campaign_id, reason=reason,
        )  # fmt: skip


def list_payouts(session: Session, campaign_id: int, *, with_taken_back: bool) -> Sequence[Payout]:
    """What was passed on, newest first, with the delivery that each paid for."""
    query = select(Payout).where(Payout.campaign_id == campaign_id)
    if not with_taken_back:
        query = query.where(Payout.taken_back_at.is_(None))
    return session.scalars(query.order_by(Payout.paid_on.desc(), Payout.id.desc())).unique().all()


def paid_out(session: Session, campaign_id: int) -> dict[str, int]:
    """Currency → minor units passed on."""
    rows = session.execute(
        select(Payout.currency, func.sum(Payout.amount_minor))
        .where(Payout.campaign_id == campaign_id, Payout.taken_back_at.is_(None))
        .group_by(Payout.currency)
    )
    return {currency: int(amount) for currency, amount in rows}


def spending_by_purpose(session: Session, campaign_id: int) -> list[Spending]:
    """The budget's lines with what was paid for each, then what was paid outside the budget."""
    rows = session.execute(
        select(Payout.purpose, Payout.currency, func.sum(Payout.amount_minor))
        .where(Payout.campaign_id == campaign_id, Payout.taken_back_at.is_(None))
        .group_by(Payout.purpose, Payout.currency)
        .order_by(Payout.purpose, Payout.currency)
    )
    paid = {(purpose, currency): int(amount) for purpose, currency, amount in rows}
    planned = [
        Spending(line.purpose, line.currency, line.amount_minor, paid.pop((line.purpose, line.currency), 0))
        for line in list_budget(session, campaign_id)
    ]
    return planned + [Spending(purpose, currency, None, amount) for (purpose, currency), amount in paid.items()]
