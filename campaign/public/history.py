"""What a campaign asked for over time: every wording of its demand, and every goal."""

from flask import render_template
from flask.typing import ResponseReturnValue

from campaign.core import clock
from campaign.core.database import db
from campaign.core.http.headers import cacheable
from campaign.public.blueprint import bp
from campaign.public.campaigns import get_campaign, page_links
from campaign.reports.summary import campaign_count
from campaign.reports.versions import demand_versions


@bp.get("/campaigns/<slug>/history")
@cacheable
def history(slug: str) -> ResponseReturnValue:
    """The wordings, each with how many signed it, and the goals, each with when it was set and reached."""
    found = get_campaign(slug)
    return render_template(
        "public/history.html",
        campaign=found,
        versions=demand_versions(db.session(), found),
        count=campaign_count(db.session(), found, now=clock.now()),
        page_url=page_links().history(slug),
    )
