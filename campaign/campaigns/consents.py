"""The words beside the boxes of a campaign's forms, in versions: a yes belongs to the words it was given to.

Where a campaign has no words of its own, the forms show the site's usual ones, which have a version of their own.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign, ConsentWording


def shown_versions(campaign: Campaign, usual: str) -> list[str]:
    """The versions that the campaign's forms show or have shown, the present one first: like `own-3`, `2026-11`."""
    own = [f"own-{number}" for number in range(campaign.consent_version, 0, -1)]
    has_own = campaign.consent_name or campaign.consent_updates
    return [*own, usual] if has_own else [usual, *own]


def list_wordings(session: Session, campaign_id: int) -> Sequence[ConsentWording]:
    """The campaign's own words, the latest first."""
    query = select(ConsentWording).where(ConsentWording.campaign_id == campaign_id)
    return session.scalars(query.order_by(ConsentWording.version.desc())).all()


def keep_wording(session: Session, campaign: Campaign, *, changed: bool, now: datetime) -> None:
    """Note the campaign's present words as a new version; before publication nobody has agreed to the last one.

    To be called before the campaign is flushed: it sets the version that the campaign's forms name.
    """
    if not changed:
        return
    latest = session.get(ConsentWording, (campaign.id, campaign.consent_version))
    if latest is None or campaign.published_at is not None:
        campaign.consent_version += 1
        latest = ConsentWording(campaign_id=campaign.id, version=campaign.consent_version, created_at=now)
        session.add(latest)
    latest.name_text, latest.updates_text, latest.created_at = campaign.consent_name, campaign.consent_updates, now
