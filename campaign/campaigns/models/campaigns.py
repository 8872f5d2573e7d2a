"""Campaign: columns, constraints and plain predicates."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, state_column
from campaign.core.errors import Closed


class CampaignState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


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
    names_told_since: Mapped[datetime | None] = mapped_column(
        doc="since when the form says so; None: since it opened. Who signed before was not told"
    )
    picture: Mapped[str | None] = mapped_column(doc="file name below STORAGE_DIR/pictures")
    picture_alt: Mapped[str] = mapped_column(default="")
    picture_credit: Mapped[str] = mapped_column(default="")
    discreet: Mapped[bool] = mapped_column(
        default=False, server_default=false(), doc="whether the lists of mail programs must not show what mails say"
    )
    embed_hosts: Mapped[str] = mapped_column(default="", doc="hosts that may frame the call to action, one a line")
    privacy_text: Mapped[str] = mapped_column(default="", doc="Markdown: what the site's privacy page does not say")
    consent_name: Mapped[str] = mapped_column(default="", doc="own words beside the box for names; empty: the usual")
    consent_updates: Mapped[str] = mapped_column(default="", doc="own words beside the box for news; empty: the usual")
    consent_version: Mapped[int] = mapped_column(default=0, doc="of the two, see ConsentWording; 0: never own ones")
    theme_name: Mapped[str] = mapped_column(default="", doc="stands at the head of pages for the organisation's name")
    logo_text: Mapped[str] = mapped_column(default="", doc="a few letters set as a mark before that name")
    theme_colour: Mapped[str] = mapped_column(default="", doc="#rrggbb of buttons and links; empty: the usual")
    theme_accent: Mapped[str] = mapped_column(default="", doc="#rrggbb of the donate button; empty: the usual")
    preview_version: Mapped[int] = mapped_column(default=0, doc="raised by every taking back of the secret link")
    preview_open: Mapped[bool] = mapped_column(default=False, doc="whether the secret link of this version works")
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

    def is_public(self, now: datetime) -> bool:
        """True where readers reach its page, whatever became of it since."""
        return self.published_at is not None and not (self.opens_at and self.opens_at > now)

    @property
    def is_themed(self) -> bool:
        """True where its pages have colours or a mark of their own."""
        return bool(self.theme_colour or self.theme_accent or self.logo_text)

    def refuse_if_withdrawn(self) -> None:
        """Raise Closed for a campaign that was taken back after publication."""
        if self.state is CampaignState.WITHDRAWN:
            raise Closed("This campaign has been withdrawn.")

    def takes_gifts(self, now: datetime) -> bool:
        """True while donations may be made."""
        return self.takes_donations and self.is_open(now)
