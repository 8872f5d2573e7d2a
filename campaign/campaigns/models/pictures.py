"""Picture: what an editor uploaded for a campaign, in words and with who agreed to be shown."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, state_column
from campaign.core.identifiers import new_public_id
from campaign.core.pictures import WIDTHS


class People(StrEnum):
    """Whether somebody can be recognised in a picture; one without consent is not stored at all."""

    NONE = "none"
    AGREED = "agreed"


class Picture(Base):
    """A picture of a campaign. Its cuts are in STORAGE_DIR/pictures/<digest>, what was uploaded is in `originals`."""

    __tablename__ = "picture"
    __table_args__ = (
        CheckConstraint("focus_x BETWEEN 0 AND 100 AND focus_y BETWEEN 0 AND 100", name="focus_within"),
        CheckConstraint("alt <> ''", name="said_in_words"),
        CheckConstraint("people <> 'agreed' OR agreement <> ''", name="agreement_noted"),
        Index(None, "campaign_id"),
        # The one that leads the campaign's page.
        Index(
            "uq_picture_leading", "campaign_id", unique=True,
            sqlite_where=text("is_leading"), postgresql_where=text("is_leading"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    digest: Mapped[str] = mapped_column(index=True, doc="of picture and focus: the folder and address of its cuts")
    width: Mapped[int] = mapped_column(doc="of its largest cut, in pixels")
    alt: Mapped[str] = mapped_column(doc="what it shows, for people who do not see it")
    credit: Mapped[str] = mapped_column(default="")
    people: Mapped[People] = mapped_column(state_column(People))
    agreement: Mapped[str] = mapped_column(default="", doc="who agreed to be shown, when and how; for staff only")
    focus_x: Mapped[int] = mapped_column(default=50, doc="percent from the left of what must not be cut off")
    focus_y: Mapped[int] = mapped_column(default=50, doc="percent from the top")
    is_leading: Mapped[bool] = mapped_column(default=False, doc="shown at the head of the campaign's page")
    edition: Mapped[int] = mapped_column(default=1, doc="raised by every edit; a stale edit is refused")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": edition}  # noqa: RUF012 - SQLAlchemy's declarative form

    @property
    def widths(self) -> list[int]:
        """The widths in which there are cuts."""
        return [width for width in WIDTHS if width <= self.width]
