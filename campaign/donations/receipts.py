"""Receipts: a consecutive number for each payment, what a receipt says, and a year's payments on one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core.database import insert_into
from campaign.core.errors import NotFound
from campaign.donations.models import Donation, GiftAidDeclaration, Payment, Receipt, ReceiptCounter

_ONLY_ROW = 1


@dataclass(frozen=True)
class ReceiptFacts:
    """What a receipt says. Minor units of `currency`; `refunded_minor` is what has gone back by now."""

    number: int
    donor: str
    campaign: str
    reference: str
    amount_minor: int
    refunded_minor: int
    currency: str
    paid_at: datetime
    in_memory_of: str
    gift_aid: bool

    @property
    def is_void(self) -> bool:
        """True where all of it has gone back."""
        return self.refunded_minor >= self.amount_minor

    @property
    def kept_minor(self) -> int:
        return max(0, self.amount_minor - self.refunded_minor)


def issue(session: Session, payment_id: int, *, now: datetime) -> None:
    """Give a payment that has just been written down the next number. Must be in the payment's own transaction.

    The counter's row is locked until that ends, so numbers follow each other without a gap whatever is rolled back.
    """
    counted = insert_into(session, ReceiptCounter).values(id=_ONLY_ROW, last=1)
    number = session.scalar(
        counted.on_conflict_do_update(index_elements=["id"], set_={"last": ReceiptCounter.last + 1}).returning(
            ReceiptCounter.last
        )
    )
    session.execute(insert_into(session, Receipt).values(number=number, payment_id=payment_id, issued_at=now))


def get_facts(session: Session, payment_id: int) -> ReceiptFacts:
    """What the payment's receipt says now. Raises NotFound where it has none."""
    row = session.execute(_facts().where(Payment.id == payment_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such receipt.")
    return _read(*row)


def list_donors_facts(session: Session, email_key: str) -> list[ReceiptFacts]:
    """All receipts of a donor, newest first, but for gifts that no longer tell who gave."""
    own = (Donation.email_key == email_key, Donation.email != "")
    rows = session.execute(_facts().where(*own).order_by(Receipt.number.desc()))
    return [_read(*row) for row in rows]


def in_year(facts: Sequence[ReceiptFacts], year: int, zone: ZoneInfo) -> list[ReceiptFacts]:
    """Those paid in a calendar year of the zone, oldest first."""
    start, end = (datetime.combine(date(one, 1, 1), time(), zone).astimezone(UTC) for one in (year, year + 1))
    return sorted((one for one in facts if start <= one.paid_at < end), key=lambda one: one.number)


def _facts() -> Select[Receipt, Payment, Donation, str, int | None]:
    return (
        select(Receipt, Payment, Donation, Campaign.title, GiftAidDeclaration.id)
        .join(Payment, Payment.id == Receipt.payment_id)
        .join(Donation, Donation.id == Payment.donation_id)
        .join(Campaign, Campaign.id == Payment.campaign_id)
        .outerjoin(GiftAidDeclaration, GiftAidDeclaration.donation_id == Donation.id)
    )


def _read(receipt: Receipt, payment: Payment, donation: Donation, title: str, declared: int | None) -> ReceiptFacts:
    return ReceiptFacts(
        number=receipt.number,
        donor=donation.name,
        campaign=title,
        reference=donation.public_id,
        amount_minor=payment.amount_minor,
        refunded_minor=payment.refunded_minor,
        currency=payment.currency,
        paid_at=payment.paid_at,
        in_memory_of=donation.in_memory_of,
        gift_aid=declared is not None,
    )
