"""Campaign, Demand, Update, AidDelivery: columns, constraints and plain predicates."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaign.core.database import Base, state_column
from campaign.core.errors import Closed
from campaign.core.identifiers import new_public_id


class CampaignState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class UpdateState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"


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


class Campaign(Base):
    """One campaign with its petition and, where it takes money, its donation panel."""

    __tablename__ = "campaign"
    __table_args__ = (CheckConstraint("goal > 0", name="goal_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[CampaignState] = mapped_column(state_column(CampaignState), default=CampaignState.DRAFT)
    title: Mapped[str]
    short_name: Mapped[str] = mapped_column(doc="how the campaign is called in passing; never empty")
    summary: Mapped[str] = mapped_column(default="")
    story: Mapped[str] = mapped_column(default="", doc="Markdown")
    target: Mapped[str] = mapped_column(default="", doc="who is asked")
    goal: Mapped[int]
    country: Mapped[str] = mapped_column(default="GB", doc="ISO 3166-1 alpha-2, preselected in forms")
    currency: Mapped[str] = mapped_column(default="GBP")
    other_currencies: Mapped[str] = mapped_column(default="", doc="besides the main one, separated by commas")
    takes_donations: Mapped[bool] = mapped_column(default=False)
    donation_goal_minor: Mapped[int | None]
    donation_minimum_minor: Mapped[int] = mapped_column(default=200)
    suggested_amounts: Mapped[str] = mapped_column(default="10,25,50,100", doc="main units, separated by commas")
    monthly_amounts: Mapped[str] = mapped_column(
        default="3,5,10,20", doc="as suggested_amounts; empty where no monthly gifts are taken"
    )
    names_to_target: Mapped[bool] = mapped_column(default=False, doc="whether the target is given the names")
    picture: Mapped[str | None] = mapped_column(doc="file name below STORAGE_DIR/pictures")
    picture_alt: Mapped[str] = mapped_column(default="")
    picture_credit: Mapped[str] = mapped_column(default="")
    embed_hosts: Mapped[str] = mapped_column(default="", doc="hosts that may frame the call to action, one a line")
    fundraiser_url: Mapped[str | None] = mapped_column(doc="a fundraiser elsewhere, its total kept apart")
    fundraiser_label: Mapped[str] = mapped_column(default="")
    fundraiser_amount_minor: Mapped[int | None]
    fundraiser_as_of: Mapped[datetime | None]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    edition: Mapped[int] = mapped_column(default=1, doc="raised by every edit; a stale edit is refused")

    __mapper_args__ = {"version_id_col": edition}  # noqa: RUF012 - SQLAlchemy's declarative form

    def is_open(self, now: datetime) -> bool:
        """True while the petition takes signatures."""
        return (
            self.state == CampaignState.PUBLISHED
            and (self.opens_at is None or self.opens_at <= now)
            and (self.closes_at is None or now < self.closes_at)
        )

    def refuse_if_withdrawn(self) -> None:
        """Raise Closed for a campaign that was taken back after publication."""
        if self.state is CampaignState.WITHDRAWN:
            raise Closed("This campaign has been withdrawn.")

    def takes_gifts(self, now: datetime) -> bool:
        """True while donations may be made."""
        return self.takes_donations and self.is_open(now)


class Demand(Base):
    """One version of the petition's wording. Signatures belong to the version they were given to."""

    __tablename__ = "demand"
    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(doc="Markdown, as a rule a numbered list")
    note: Mapped[str] = mapped_column(default="", doc="public: what changed and why")
    created_at: Mapped[datetime]


class Update(Base):
    """News of the campaign, told on its page and in its feed."""

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
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    delivery: Mapped["AidDelivery | None"] = relationship(
        back_populates="update", lazy="selectin", cascade="all, delete-orphan"
    )


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


class BudgetLine(Base):
    """What an editor says the money is meant for: a purpose and a sum in the campaign's currency."""

    __tablename__ = "budget_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    purpose: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]


class Payout(Base):
    """Money passed on, for a purpose of the budget and perhaps for one aid delivery. Taken back, never deleted."""

    __tablename__ = "payout"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    form_key: Mapped[str] = mapped_column(unique=True, doc="one-use key of the form: a double click books one payout")
    purpose: Mapped[str] = mapped_column(default="", doc="as the budget named it at the time; empty: outside it")
    update_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_update.id"), doc="the delivery that it paid for")
    receiver: Mapped[str] = mapped_column(doc="who was paid")
    amount_minor: Mapped[int]
    currency: Mapped[str]
    paid_on: Mapped[date] = mapped_column(Date())
    created_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None] = mapped_column(doc="entered by mistake, or the money came back")
    taken_back_reason: Mapped[str] = mapped_column(default="")

    update: Mapped[Update | None] = relationship(lazy="joined")
