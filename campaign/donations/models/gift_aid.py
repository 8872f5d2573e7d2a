"""Gift Aid: what donors declared, and what was put on HMRC's schedule. The law has these kept for six years."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey
from campaign.core.identifiers import new_public_id


class GiftAidDeclaration(Base):
    """A donor's word that they pay UK tax, for one donation with all of its payments. HMRC's columns, for it to match.

    Name and house stand here by themselves: the donation's own may be erased, a declaration may not.
    """

    __tablename__ = "gift_aid_declaration"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), unique=True)
    title: Mapped[str] = mapped_column(default="")
    first_name: Mapped[str]
    last_name: Mapped[str]
    house: Mapped[str] = mapped_column(doc="house name or number, or the first line of the address")
    postcode: Mapped[str]
    wording_version: Mapped[str] = mapped_column(doc="which sentence was agreed to, see `gift_aid.WORDINGS`")
    language: Mapped[str]
    declared_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class GiftAidClaim(Base):
    """The schedules made at one time: which gifts, and what earlier claims had too much."""

    __tablename__ = "gift_aid_claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    first_day: Mapped[date] = mapped_column(Date())
    last_day: Mapped[date] = mapped_column(Date())
    line_count: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(doc="the gifts, in pence")
    overclaimed_minor: Mapped[int] = mapped_column(doc="tax that earlier claims had too much, in pence")
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class GiftAidClaimLine(Base):
    """One payment on a schedule. The database lets a payment be claimed once."""

    __tablename__ = "gift_aid_claim_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("gift_aid_claim.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), unique=True)
    declaration_id: Mapped[int] = mapped_column(ForeignKey("gift_aid_declaration.id"), index=True)
    given_on: Mapped[date] = mapped_column(Date())
    amount_minor: Mapped[int]
    adjusted_minor: Mapped[int] = mapped_column(default=0, doc="of it, what went back and was reported since")
