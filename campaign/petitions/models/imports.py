"""SignatureImport: a file of signatures that were collected elsewhere, from its first look to its last row."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.leases import Leased


class Origin(StrEnum):
    """Where a signature was given."""

    ONLINE = "online"
    PAPER = "paper"
    PARTNER = "partner"


class ImportState(StrEnum):
    """`checking` and `running` are the worker's; from `checked` an admin decides."""

    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    EXPIRED = "expired"


class SignatureImport(Leased, Base):
    """One file, who brought it, and how far it is. Of its rows, only those count that were stored as signatures."""

    __tablename__ = "signature_import"
    __table_args__ = (Index(None, "state", "available_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"), doc="the wording that these people signed")
    origin: Mapped[Origin] = mapped_column(state_column(Origin))
    source: Mapped[str] = mapped_column(doc="the partner, or where the lists lay; readers see it")
    collected_on: Mapped[date] = mapped_column(Date(), doc="up to when; the day of rows that name none")
    consent: Mapped[str] = mapped_column(doc="what people agreed to, word for word")
    country: Mapped[str] = mapped_column(default="", doc="of rows that name none; empty: such rows are left out")
    file_name: Mapped[str] = mapped_column(doc="as it was called where it came from")
    size: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[str]
    state: Mapped[ImportState] = mapped_column(state_column(ImportState), default=ImportState.CHECKING)
    encoding: Mapped[str] = mapped_column(default="")
    delimiter: Mapped[str] = mapped_column(default="")
    columns_ignored: Mapped[list[str]] = mapped_column(JSON, default=list)
    rows_total: Mapped[int | None] = mapped_column(doc="known once the file was gone through")
    rows_done: Mapped[int] = mapped_column(default=0, doc="how far the worker is, in the file")
    rows_good: Mapped[int | None] = mapped_column(doc="that the check found fit")
    rows_imported: Mapped[int] = mapped_column(default=0)
    findings: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, doc="what was found how often")
    requested_by: Mapped[str]
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(doc="when file and findings are deleted")
