"""Invalidation: many signatures taken out of the count by conditions, and the way back."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.leases import Leased
from campaign.petitions.models.removals import RemovalReason


class InvalidationState(StrEnum):
    """`ready` is a finished preview that waits for a person; a worker goes on by itself with what is under way."""

    COUNTING = "counting"
    READY = "ready"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    RESTORING = "restoring"
    RESTORED = "restored"


class Invalidation(Leased, Base):
    """Conditions, what a preview found for them, and what became of the run and of the way back.

    Preview and run look at the same signatures: those up to `newest_id` that nobody changed after `created_at`. Each
    signature taken out keeps the id of the invalidation that did it. `cursor` is the last signature looked at in the
    state at hand; it moves in the transaction that changes the signatures, so that a killed run goes on exactly.
    """

    __tablename__ = "invalidation"
    __table_args__ = (Index(None, "state", "available_at"), Index(None, "campaign_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    state: Mapped[InvalidationState] = mapped_column(state_column(InvalidationState))
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON, doc="a Conditions as plain values")
    conditions_forgotten_at: Mapped[datetime | None] = mapped_column(
        doc="when what may tell who people are was taken out of the conditions; then they can no longer be run"
    )
    newest_id: Mapped[int] = mapped_column(BigKey)
    cursor: Mapped[int] = mapped_column(BigKey, default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, doc="preview: how many fit, by their state")
    sample: Mapped[list[int]] = mapped_column(JSON, default=list, doc="preview: ids of a few that would be taken out")
    previewed_by: Mapped[str]
    created_at: Mapped[datetime]
    reason_class: Mapped[RemovalReason | None] = mapped_column(state_column(RemovalReason), doc="for the public")
    reason: Mapped[str] = mapped_column(default="", doc="for the staff")
    started_by: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime | None]
    took_confirmed: Mapped[int] = mapped_column(default=0)
    took_held: Mapped[int] = mapped_column(default=0)
    stopped_by: Mapped[str] = mapped_column(default="")
    stopped_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    restored_by: Mapped[str] = mapped_column(default="")
    restore_reason: Mapped[str] = mapped_column(default="")
    restore_started_at: Mapped[datetime | None]
    gave_back_confirmed: Mapped[int] = mapped_column(default=0)
    gave_back_held: Mapped[int] = mapped_column(default=0)
    left: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, doc="not given back: how many, by why")
    restored_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="", doc="why the worker's last try failed, by name")

    @property
    def expected(self) -> int:
        """How many the preview would take out; it may be narrowed to one state."""
        states = [self.conditions["state"]] if "state" in self.conditions else ["confirmed", "held"]
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def took(self) -> int:
        return self.took_confirmed + self.took_held

    @property
    def gave_back(self) -> int:
        return self.gave_back_confirmed + self.gave_back_held
