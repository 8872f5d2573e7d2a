"""How many signatures of a campaign were taken out of the count, when, and for which class of reason."""

from flask import render_template
from flask.typing import ResponseReturnValue

from campaign.core.database import db
from campaign.core.http.headers import cacheable
from campaign.petitions import removals
from campaign.public.blueprint import bp
from campaign.public.campaigns import get_campaign
from campaign.settings import current_settings


@bp.get("/campaigns/<slug>/removed")
@cacheable
def removed(slug: str) -> ResponseReturnValue:
    """What was removed and what was restored; by reason, and by day."""
    campaign = get_campaign(slug)
    return render_template(
        "public/removed.html",
        campaign=campaign,
        standings=removals.list_standings(db.session(), campaign.id),
        days=removals.list_days(db.session(), campaign.id, zone=current_settings().zone),
    )
