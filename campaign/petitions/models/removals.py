"""Removal: how many signatures were taken out of the count, and put back, as the public is told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, state_column


class RemovalReason(StrEnum):
    """Classes of reasons. What a moderator wrote is for the staff; the class is public."""

    FRAUD = "fraud"
    THROWAWAY = "throwaway"
    DUPLICATES = "duplicates"
    BOTS = "bots"
    TESTS = "tests"
    REQUEST = "request"
    CHECKED = "checked"


class Removal(Base):
    """What was taken out and put back within one hour, for one class of reason.

    Written by the moves themselves, so that what was taken out less what was put back is what is out, in every class.
    """

    __tablename__ = "removal"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True, doc="its beginning")
    reason: Mapped[RemovalReason] = mapped_column(state_column(RemovalReason), primary_key=True)
    removed: Mapped[int] = mapped_column(default=0)
    restored: Mapped[int] = mapped_column(default=0)
