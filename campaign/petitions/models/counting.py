"""What the count and the statistics are made of: tally, deltas, rollups by the hour, tallies from elsewhere."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.petitions.models.signatures import SignatureState


class SignatureTally(Base):
    """How many signatures under a wording of the demand were in a state when deltas were last folded in.

    Those of each import stand apart; `import_id` 0 is for those that were signed here.
    """

    __tablename__ = "signature_tally"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"), primary_key=True)
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=0)
    state: Mapped[SignatureState] = mapped_column(state_column(SignatureState), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class TallyDelta(Base):
    """One move of one signature, not yet folded: one less in `from_state`, one more in `to_state`.

    What the statistics ask of the signature goes with it; its domain and network only with the form and with the
    press of the link. Written by `deltas.py`.
    """

    __tablename__ = "tally_delta"
    __table_args__ = (Index(None, "campaign_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"), doc="the wording that was signed")
    import_id: Mapped[int] = mapped_column(default=0, server_default="0", doc="0 for what was signed here")
    from_state: Mapped[SignatureState | None] = mapped_column(state_column(SignatureState))
    to_state: Mapped[SignatureState | None] = mapped_column(state_column(SignatureState))
    country: Mapped[str]
    source: Mapped[str]
    domain: Mapped[str | None]
    network_hash: Mapped[str | None]
    signed_at: Mapped[datetime] = mapped_column(doc="when the form was sent")
    confirmed_at: Mapped[datetime | None] = mapped_column(doc="when the mailed link was pressed")
    created_at: Mapped[datetime]


class Dimension(StrEnum):
    """What a rollup's rows tell apart. `domain` and `network` serve the watch over attacks and live for days."""

    ALL = "all"
    SOURCE = "source"
    COUNTRY = "country"
    DOMAIN = "domain"
    NETWORK = "network"


class SignatureRollup(Base):
    """What became of the signatures of one hour, by one dimension's `value`: from forms sent to those that count.

    `hour` is in hours since 1970, UTC; 0 stands for all hours together (of sources and countries only). A form counts
    in the hour when it was sent, everything else in the hour when the link was pressed, so that a row can be made
    again from the signatures themselves.
    """

    __tablename__ = "signature_rollup"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    dimension: Mapped[Dimension] = mapped_column(state_column(Dimension), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(primary_key=True)
    sent: Mapped[int] = mapped_column(default=0, doc="forms sent")
    forgotten: Mapped[int] = mapped_column(default=0, doc="of them, deleted because nobody confirmed")
    pressed: Mapped[int] = mapped_column(default=0, doc="links pressed")
    counted: Mapped[int] = mapped_column(default=0, doc="of them, confirmed now")
    held: Mapped[int] = mapped_column(default=0, doc="held now")
    removed: Mapped[int] = mapped_column(default=0, doc="invalidated now")


class ConfirmationDelay(Base):
    """How many of a source's signers pressed the link within so many `seconds` of the form (and not a step sooner)."""

    __tablename__ = "confirmation_delay"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=0)


class CollectedTally(Base):
    """Signatures collected elsewhere, on `paper` or by a `partner`: a dated, sourced number beside our own count."""

    __tablename__ = "collected_tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    form_key: Mapped[str | None] = mapped_column(unique=True, doc="one-use key of the form: a double click enters one")
    origin: Mapped[str]
    source: Mapped[str]
    count: Mapped[int] = mapped_column(doc="0 where it was taken back")
    counted_on: Mapped[date] = mapped_column(Date())
