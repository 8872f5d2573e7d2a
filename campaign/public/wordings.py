"""What a campaign says about privacy beyond the site's own page, and the words that people agreed to over time."""

from flask import render_template
from flask.typing import ResponseReturnValue

from campaign.campaigns.consents import list_wordings
from campaign.core.database import db
from campaign.core.http.headers import cacheable
from campaign.public.blueprint import bp
from campaign.public.campaigns import get_campaign, page_links


@bp.get("/campaigns/<slug>/privacy")
@cacheable
def campaign_privacy(slug: str) -> ResponseReturnValue:
    """The campaign's own words on privacy."""
    found = get_campaign(slug)
    return render_template(
        "public/campaign_privacy.html",
        campaign=found,
        wordings=list_wordings(db.session(), found.id),
        page_url=page_links().campaign_privacy(found.slug),
    )
