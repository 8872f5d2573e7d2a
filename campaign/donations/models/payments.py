"""Payment: money that arrived."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey


class Payment(Base):
    """Money that Stripe says has arrived. Totals are sums over these rows, less what was refunded or contested.

    `refunded_minor` and `disputed_minor` are sums over the payment's own refunds and disputes, made anew each time
    that Stripe's word about it is written down, so that reading totals needs this table alone.
    """

    __tablename__ = "payment"
    __table_args__ = (Index(None, "campaign_id", "currency"), Index(None, "campaign_id", "paid_at"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    monthly_gift_id: Mapped[int | None] = mapped_column(ForeignKey("monthly_gift.id"), index=True)
    payment_intent: Mapped[str] = mapped_column(unique=True, doc="Stripe's pi_…")
    charge: Mapped[str | None] = mapped_column(unique=True, doc="Stripe's ch_…; None until asked again")
    invoice: Mapped[str | None] = mapped_column(unique=True, doc="Stripe's in_…, for a monthly gift")
    amount_minor: Mapped[int] = mapped_column(doc="gross: what the donor paid")
    refunded_minor: Mapped[int] = mapped_column(default=0, doc="went back or is on its way back")
    disputed_minor: Mapped[int] = mapped_column(default=0, doc="taken by disputes that are under way or lost")
    mismatched: Mapped[bool] = mapped_column(default=False, doc="not the amount or currency asked for; not counted")
    currency: Mapped[str]
    balance_transaction: Mapped[str | None] = mapped_column(unique=True, doc="Stripe's txn_…; comes after the charge")
    settled_currency: Mapped[str | None] = mapped_column(doc="in which Stripe keeps the money; fee and net are in it")
    fee_minor: Mapped[int | None] = mapped_column(doc="what Stripe kept; None until it is known")
    net_minor: Mapped[int | None] = mapped_column(doc="what was left; None until it is known")
    paid_at: Mapped[datetime]
