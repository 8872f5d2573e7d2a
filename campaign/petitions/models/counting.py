"""SignatureTally, TallyDelta, CollectedTally: what the count is made of."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.petitions.models.signatures import SignatureState


class SignatureTally(Base):
    """How many signatures of a campaign were in a state when deltas were last folded in."""

    __tablename__ = "signature_tally"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    state: Mapped[SignatureState] = mapped_column(state_column(SignatureState), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class TallyDelta(Base):
    """One move of one signature, not yet folded into the tally: one less in `from_state`, one more in `to_state`."""

    __tablename__ = "tally_delta"
    __table_args__ = (Index(None, "campaign_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    from_state: Mapped[SignatureState | None] = mapped_column(state_column(SignatureState))
    to_state: Mapped[SignatureState | None] = mapped_column(state_column(SignatureState))
    created_at: Mapped[datetime]


class CollectedTally(Base):
    """Signatures collected elsewhere, on `paper` or by a `partner`: a dated, sourced number beside our own count."""

    __tablename__ = "collected_tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    origin: Mapped[str]
    source: Mapped[str]
    count: Mapped[int]
    counted_on: Mapped[date] = mapped_column(Date())
