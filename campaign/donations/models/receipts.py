"""Receipt: the number under which a payment was acknowledged."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey


class Receipt(Base):
    """One for each payment that arrived as asked. Numbers follow each other without a gap, and stay.

    Whether a receipt is void is not kept here: it is while all of its payment has gone back.
    """

    __tablename__ = "receipt"

    number: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), unique=True)
    issued_at: Mapped[datetime]


class ReceiptCounter(Base):
    """The last number given out, in one row: a sequence of the database would leave gaps at every rollback."""

    __tablename__ = "receipt_counter"

    id: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigKey)
