"""What every door says about who runs the site: what an admin has set, and until then the environment's settings."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy.orm import Session

from campaign.campaigns.organisation import OrganisationFields, find_organisation
from campaign.settings import Settings


def settings_organisation(settings: Settings) -> dict[str, Any]:
    """What holds as long as nothing was set on the admin's page; also what is said while the database is away."""
    return asdict(
        OrganisationFields(
            name=settings.organisation_name,
            legal_name=settings.organisation_legal_name,
            address=settings.organisation_address,
            charity_number=settings.organisation_charity_number or "",
            contact_email=settings.organisation_contact_email,
            gift_aid=settings.organisation_gift_aid,
        )
    )


def organisation_facts(session: Session, settings: Settings) -> dict[str, Any]:
    """What is true now, by the names of OrganisationFields."""
    stored = find_organisation(session)
    if stored is None:
        return settings_organisation(settings)
    return {each.name: getattr(stored, each.name) for each in fields(OrganisationFields)}
