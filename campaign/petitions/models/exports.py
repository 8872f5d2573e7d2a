"""Export: a list that somebody asked for."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.leases import Leased


class ExportState(StrEnum):
    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ExportSubject(StrEnum):
    """What the list is of: whose room says which rows and columns there are."""

    SIGNATURES = "signatures"
    DONATIONS = "donations"


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    PDF = "pdf"
    PACK = "pack"

    @property
    def extension(self) -> str:
        """The end of the file's name."""
        return "zip" if self is ExportFormat.PACK else self.value


class Export(Leased, Base):
    """A list asked for by an admin, made by the worker, kept as a file for a day."""

    __tablename__ = "export"
    __table_args__ = (Index(None, "state", "available_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    subject: Mapped[ExportSubject] = mapped_column(
        state_column(ExportSubject), default=ExportSubject.SIGNATURES, server_default=ExportSubject.SIGNATURES
    )
    format: Mapped[ExportFormat] = mapped_column(state_column(ExportFormat))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    columns: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    include_addresses: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str]
    requested_by: Mapped[str]
    state: Mapped[ExportState] = mapped_column(state_column(ExportState), default=ExportState.QUEUED)
    rows_done: Mapped[int] = mapped_column(default=0, server_default="0", doc="how far the worker is")
    rows_total: Mapped[int | None] = mapped_column(doc="how many there were when it began")
    row_count: Mapped[int | None]
    size: Mapped[int | None] = mapped_column(BigInteger(), doc="of the file, in bytes")
    sha256: Mapped[str | None]
    as_of: Mapped[datetime | None] = mapped_column(doc="the moment of the database that the file shows")
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
