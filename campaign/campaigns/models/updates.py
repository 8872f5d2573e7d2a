"""Update and AidDelivery: the campaign's news, and what was sent."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaign.campaigns.models.pictures import Picture
from campaign.core.database import Base, state_column
from campaign.core.identifiers import new_public_id


class UpdateState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class UpdateKind(StrEnum):
    AID_DELIVERY = "aid_delivery"
    RESPONSE = "response"
    MILESTONE = "milestone"
    ARTICLE = "article"
    NEWS = "news"


class DeliveryStage(StrEnum):
    BOUGHT = "bought"
    SENT = "sent"
    CROSSED_BORDER = "crossed_border"
    RECEIVED = "received"
    IN_USE = "in_use"


class UpdatePart(StrEnum):
    """What of an update can be corrected, in the order in which readers see it."""

    KIND = "kind"
    TITLE = "title"
    TEXT = "text"
    LINK = "link"
    STAGE = "stage"
    CONTENTS = "contents"
    COST = "cost"
    RECEIVER = "receiver"
    DAY = "day"
    REGION = "region"
    NOTE = "note"
    WITHDRAWAL = "withdrawal"


class Update(Base):
    """News of the campaign, told on its page and in its feed.

    What readers have seen is never changed without a trace: a published update is corrected or withdrawn, with a note.
    """

    __tablename__ = "campaign_update"
    __table_args__ = (Index(None, "campaign_id", "state", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[UpdateKind] = mapped_column(state_column(UpdateKind))
    state: Mapped[UpdateState] = mapped_column(state_column(UpdateState), default=UpdateState.DRAFT)
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="", doc="Markdown")
    link: Mapped[str | None] = mapped_column(doc="the article told of")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("picture.id"), index=True)
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    edition: Mapped[int] = mapped_column(default=1, server_default="1", doc="raised by every change")
    withdrawn_at: Mapped[datetime | None]
    withdrawal_note: Mapped[str] = mapped_column(default="", server_default="", doc="what readers are told instead")

    picture: Mapped[Picture | None] = relationship(lazy="selectin")
    delivery: Mapped["AidDelivery | None"] = relationship(
        back_populates="update", lazy="selectin", cascade="all, delete-orphan"
    )
    corrections: Mapped[list["UpdateCorrection"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="UpdateCorrection.id"
    )


class UpdateCorrection(Base):
    """That an update was changed after readers saw it: when, in which parts, and what the editor says of it."""

    __tablename__ = "update_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(ForeignKey("campaign_update.id"), index=True)
    parts: Mapped[str] = mapped_column(default="", doc="names of `UpdatePart`s, a space between")
    note: Mapped[str] = mapped_column(default="")
    corrected_at: Mapped[datetime]

    def list_parts(self) -> list[str]:
        """The parts that were changed."""
        return self.parts.split()


class AidDelivery(Base):
    """What an update says has been sent. Regions, never exact places: people unload there."""

    __tablename__ = "aid_delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(ForeignKey("campaign_update.id"), unique=True)
    stage: Mapped[DeliveryStage] = mapped_column(state_column(DeliveryStage))
    receiver: Mapped[str] = mapped_column(default="", doc="the partner that received it")
    region: Mapped[str] = mapped_column(default="")
    delivered_on: Mapped[date | None] = mapped_column(Date())
    cost_minor: Mapped[int | None]
    currency: Mapped[str]
    evidence_url: Mapped[str | None]

    update: Mapped[Update] = relationship(back_populates="delivery")
    items: Mapped[list["AidItem"]] = relationship(lazy="selectin", cascade="all, delete-orphan", order_by="AidItem.id")


class AidItem(Base):
    """One line of a delivery: so many of this."""

    __tablename__ = "aid_item"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("aid_delivery.id"), index=True)
    item: Mapped[str]
    quantity: Mapped[int]
