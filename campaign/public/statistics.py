"""A campaign's signatures per day and per country, as far as the public may know."""

from flask import render_template
from flask.typing import ResponseReturnValue

from campaign.core.database import db
from campaign.core.http.headers import cacheable
from campaign.public.blueprint import bp
from campaign.public.campaigns import get_campaign
from campaign.reports.public_statistics import SMALLEST, public_statistics
from campaign.reports.statistics import Figures, periods
from campaign.settings import current_settings


@bp.get("/campaigns/<slug>/statistics")
@cacheable
def statistics(slug: str) -> ResponseReturnValue:
    """The figures, each chart with a table beside it."""
    campaign = get_campaign(slug)
    found = public_statistics(db.session(), campaign.id, zone=current_settings().zone)
    most = max([count for _, count in found.countries] + [found.other_countries])
    return render_template(
        "public/statistics.html",
        campaign=campaign,
        found=found,
        periods=periods({day: Figures(counted=count) for day, count in found.days}),
        most=most,
        smallest=SMALLEST,
    )
