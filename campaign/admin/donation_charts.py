"""Charts of what was given: by day and currency, gross and what was left of it, and which article brought it."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from campaign.admin.access import current_campaign
from campaign.admin.blueprint import bp
from campaign.core import clock
from campaign.core.database import db
from campaign.reports.takings import campaign_takings
from campaign.settings import current_settings

WINDOWS = (30, 90, 365)


@bp.get("/campaigns/<slug>/donations/charts")
def donations_charts(slug: str) -> ResponseReturnValue:
    """The last days through Stripe. Nobody is named, so nothing is in the trail."""
    found, now = current_campaign(), clock.now()
    asked = request.args.get("days", "")
    days = int(asked) if asked in map(str, WINDOWS) else WINDOWS[0]
    takings = campaign_takings(db.session(), found.id, days=days, zone=current_settings().zone, now=now)
    return render_template(
        "admin/donation_charts.html",
        takings=sorted(takings, key=lambda one: one.currency != found.currency),
        days=days,
        windows=WINDOWS,
        now=now,
    )
