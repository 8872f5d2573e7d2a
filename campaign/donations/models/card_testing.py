"""Against card testing: declined cards, what stands before giving after a burst of them, and spent puzzles."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey


class Decline(Base):
    """A card was declined at one of our checkouts. That it was, and nothing about the card or the reason."""

    __tablename__ = "decline"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    declined_at: Mapped[datetime] = mapped_column(index=True, doc="by Stripe's clock")


class GivingGuard(Base):
    """What stands before giving, over the site or at one campaign: a puzzle, or a pause that a puzzle follows.

    One row for each scope, written anew by each burst. It ends by itself: past `puzzle_until` it does nothing.
    """

    __tablename__ = "giving_guard"

    scope: Mapped[str] = mapped_column(primary_key=True, doc="site, or a campaign's id")
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    began_at: Mapped[datetime]
    puzzle_until: Mapped[datetime]
    pause_until: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None] = mapped_column(doc="declines before this do not count any more")


class SpentPuzzle(Base):
    """A puzzle whose answer has let one gift through; kept until it would have expired anyway."""

    __tablename__ = "spent_puzzle"

    signature: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
