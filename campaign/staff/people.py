"""The people of the staff: adding somebody, and the rules for a password.

Hashes are argon2id as PHC strings, which is what sign-in checks against.
"""

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.core.addresses import AddressRefused, check_address
from campaign.core.database import insert_into
from campaign.core.errors import DomainError
from campaign.staff.models import Role, RoleGrant, StaffUser

SHORTEST_PASSWORD = 15  # NIST SP 800-63B-4, 3.1.1.2: where a password may be the only factor
LONGEST_PASSWORD = 256


class PersonRefused(DomainError):
    """The person cannot be added; the message says why."""


def create_person(
    session: Session,
    *,
    email: str,
    password: str,
    role: Role,
    actor: str,
    now: datetime,
    campaign_id: int | None = None,
) -> StaffUser:
    """Add somebody with one role, for a campaign or (None) for all of them.

    Raises PersonRefused for a bad address, a weak password or an address that is there already.
    """
    try:
        address = check_address(email).lower()
    except AddressRefused as error:
        raise PersonRefused("That is not a mail address. Write one like name@example.org.") from error
    hashed = hash_password(password)
    statement = insert_into(session, StaffUser).values(
        email=address, name="", password=hashed, active=True, fs_uniquifier=uuid.uuid4().hex, created_at=now
    )
    user_id = session.scalar(statement.on_conflict_do_nothing(index_elements=["email"]).returning(StaffUser.id))
    if user_id is None:
        raise PersonRefused("Somebody with that address is there already.")
    session.add(RoleGrant(staff_user_id=user_id, role=role, campaign_id=campaign_id))
    record(
        session, actor=actor, action="staff.created", object_type="staff_user", object_id=user_id, now=now,
        campaign_id=campaign_id, role=role.value,
    )  # fmt: skip
    session.flush()
    return session.get_one(StaffUser, user_id)


def hash_password(password: str) -> str:
    """The hash to store. Raises PersonRefused where the password is too short, too long or one character repeated."""
    # The same form that sign-in gives what is typed there: two keyboards may send two spellings of one letter.
    normal = unicodedata.normalize("NFKD", password)
    if len(password) < SHORTEST_PASSWORD:
        raise PersonRefused(f"The password needs at least {SHORTEST_PASSWORD} characters.")
    if len(normal) > LONGEST_PASSWORD:
        raise PersonRefused(f"The password may have at most {LONGEST_PASSWORD} characters.")
    if len(set(normal)) < 5:
        raise PersonRefused("The password repeats too few characters. Take three or four unrelated words.")
    return PasswordHasher().hash(normal)


def list_people(session: Session) -> Sequence[StaffUser]:
    """Everybody, in the order of their addresses."""
    return session.scalars(select(StaffUser).order_by(StaffUser.email)).all()


def list_people_of(session: Session, campaign_id: int) -> Sequence[StaffUser]:
    """Those who may sign in and have a role for the campaign, in the order of their addresses."""
    works_on_it = StaffUser.grants.any(or_(RoleGrant.campaign_id.is_(None), RoleGrant.campaign_id == campaign_id))
    return session.scalars(
        select(StaffUser).where(StaffUser.active.is_(True), works_on_it).order_by(StaffUser.email)
    ).all()


def list_site_admins(session: Session) -> Sequence[StaffUser]:
    """Those who may sign in and are admins of the whole site, in the order of their addresses."""
    is_admin = StaffUser.grants.any(RoleGrant.campaign_id.is_(None) & (RoleGrant.role == Role.ADMIN))
    query = select(StaffUser).where(StaffUser.active.is_(True), is_admin)
    return session.scalars(query.order_by(StaffUser.email)).all()


def names_of(session: Session, emails: Iterable[str]) -> dict[str, str]:
    """Address → name for those of the addresses that are people with a name; the others are left out."""
    rows = session.execute(select(StaffUser.email, StaffUser.name).where(StaffUser.email.in_(set(emails))))
    return {row.email: row.name for row in rows if row.name}
