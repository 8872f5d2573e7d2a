"""The demo's staff: one person for each role, with a password that everybody may know."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaign.staff.models import Role
from campaign.staff.people import create_person

PASSWORD = "kettle window harbour"  # noqa: S105 - printed at every start of a demo
EDITOR, MODERATOR, ADMIN = "editor@lantern.example", "moderator@lantern.example", "admin@lantern.example"
LOGINS = [(EDITOR, Role.EDITOR.value), (MODERATOR, Role.MODERATOR.value), (ADMIN, Role.ADMIN.value)]


def add_staff(session: Session, now: datetime) -> None:
    """Add them, each with a role for all campaigns."""
    for email, role in LOGINS:
        create_person(session, email=email, password=PASSWORD, role=Role(role), actor="flask demo seed", now=now)
