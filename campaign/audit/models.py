"""AuditEntry: who did what to what, when and why. DataDeed: what was done with a person's own data."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id


class AuditEntry(Base):
    """One act. `actor` is the staff member's address, or the name of a command or timetable job."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    campaign_id: Mapped[int | None] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class DeedKind(StrEnum):
    """What a person may have done with what is kept about them."""

    CORRECTED = "corrected"
    NAME_HIDDEN = "name_hidden"
    WITHDRAWN = "withdrawn"
    SIGNATURE_ERASED = "signature_erased"
    GIFT_ERASED = "gift_erased"
    OFFLINE_GIFT_ERASED = "offline_gift_erased"
    SUPPORTER_ERASED = "supporter_erased"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBED = "subscribed"


# A database that was restored from a backup does not know these any more, so they are done again.
DONE_AGAIN = frozenset(DeedKind) - {DeedKind.CORRECTED, DeedKind.SUBSCRIBED}


class DataDeed(Base):
    """One thing done with a person's data, by the person or for them: the proof, and a line of the ledger of erasures.

    Nobody is named: `person_key` is the keyed hash of the address, `subject` the public id of a gift. Both are needed
    to do it again after a restore, and to answer whether it was done; the row goes when neither can be asked any more.
    """

    __tablename__ = "data_deed"
    __table_args__ = (
        Index(None, "person_key", "id"),
        Index(None, "in_ledger_at", "id"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    at: Mapped[datetime]
    kind: Mapped[DeedKind] = mapped_column(state_column(DeedKind))
    person_key: Mapped[str]
    campaign_id: Mapped[int | None]
    subject: Mapped[str] = mapped_column(default="")
    done_by: Mapped[str] = mapped_column(doc="`self`, or the staff member's address")
    request_id: Mapped[str | None] = mapped_column(doc="public id of the request that it answers")
    in_ledger_at: Mapped[datetime | None] = mapped_column(doc="when it was written beside the database's backups")
