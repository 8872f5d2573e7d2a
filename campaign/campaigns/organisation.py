"""What an admin says about the organisation. One row; two admins at once: the later edit is refused."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.edits import EditedMeanwhile
from campaign.campaigns.models import Organisation
from campaign.core.database import insert_into

ONLY = 1


@dataclass(frozen=True, kw_only=True)
class OrganisationFields:
    """What may be set, named as the columns are."""

    name: str
    legal_name: str
    contact_email: str
    gift_aid: bool
    legal_form: str = ""
    charity_number: str = ""
    address: str = ""
    phone: str = ""
    contact_note: str = ""
    footer_links: list[dict[str, str]] = field(default_factory=list)
    privacy_email: str = ""
    authority: str = ""
    authority_url: str | None = None
    payment_years: int | None = None
    money_note: str = ""
    accessibility_checked_on: date | None = None
    accessibility_note: str = ""


def find_organisation(session: Session) -> Organisation | None:
    """What was set, if anything was."""
    return session.scalar(select(Organisation).where(Organisation.id == ONLY))


def set_organisation(session: Session, fields: OrganisationFields, *, edition: int, actor: str, now: datetime) -> None:
    """Store what is true from now on; `edition` is the one that the edit started from, 0 where nothing was set.

    Raises EditedMeanwhile where it is not the present one. The trail has which fields changed, not their words.
    """
    before = find_organisation(session)
    values = asdict(fields) | {"updated_at": now}
    if not _store(session, edition, values):
        raise EditedMeanwhile("Somebody else has changed this.")
    changed = [name for name, value in asdict(fields).items() if before is None or getattr(before, name) != value]
    record(
        session, actor=actor, action="organisation.changed", object_type="organisation", object_id=ONLY, now=now,
        fields=changed,
    )  # fmt: skip


def _store(session: Session, edition: int, values: dict[str, object]) -> bool:
    """True where the edition was the stored one; then it is raised."""
    if edition == 0:
        row = insert_into(session, Organisation).values(id=ONLY, edition=1, **values)
        return session.scalar(row.on_conflict_do_nothing().returning(Organisation.id)) is not None
    stored = session.scalar(
        update(Organisation)
        .where(Organisation.id == ONLY, Organisation.edition == edition)
        .values(edition=edition + 1, **values)
        .returning(Organisation.id)
        .execution_options(synchronize_session=False)
    )
    return stored is not None
