"""StaffUser and RoleGrant."""

from datetime import date, datetime
from enum import StrEnum

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaign.core.database import Base, BigKey, state_column


class Role(StrEnum):
    EDITOR = "editor"
    MODERATOR = "moderator"
    ADMIN = "admin"


class StaffUser(Base, UserMixin):
    """Somebody who signs in at `/admin/login`. The columns are those that Flask-Security needs, and a name.

    Flask-Security's own roles stay unused: a role here is granted for a campaign or for all (RoleGrant).
    """

    __tablename__ = "staff_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(
        unique=True, doc="stands for the user in sessions; changing it ends them"
    )
    created_at: Mapped[datetime]

    roles: list[RoleMixin] = []  # noqa: RUF012
    grants: Mapped[list["RoleGrant"]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    def roles_for(self, campaign_id: int | None) -> frozenset[Role]:
        """The roles held for a campaign; with None, those held for any campaign."""
        return frozenset(
            Role(grant.role) for grant in self.grants if campaign_id is None or grant.campaign_id in (None, campaign_id)
        )

    def roles_everywhere(self) -> frozenset[Role]:
        """The roles held for all campaigns, also those still to come."""
        return frozenset(Role(grant.role) for grant in self.grants if grant.campaign_id is None)


class StaffNotice(Base):
    """That somebody was told of a topic by mail on a day, or that there was nothing to tell; never twice."""

    __tablename__ = "staff_notice"
    __table_args__ = (UniqueConstraint("staff_user_id", "topic", "day"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    staff_user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    topic: Mapped[str] = mapped_column(doc="`digest`, or the name of a warning")
    day: Mapped[date] = mapped_column(Date(), doc="in the site's zone")
    created_at: Mapped[datetime]


class RoleGrant(Base):
    """A role for one campaign, or for all of them."""

    __tablename__ = "role_grant"
    __table_args__ = (Index(None, "staff_user_id", "role", "campaign_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    role: Mapped[Role] = mapped_column(state_column(Role))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
