"""Trends for moderators: what brings more now than usual, with one step to those signatures or to rejecting them."""

from datetime import datetime
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from campaign.admin.access import current_campaign
from campaign.admin.blueprint import bp
from campaign.core import clock
from campaign.core.database import db
from campaign.core.networks import network_label
from campaign.petitions.trends import Origin, Trend, read_trends
from campaign.settings import current_settings


@bp.get("/campaigns/<slug>/trends")
def trends(slug: str) -> ResponseReturnValue:
    """What the newest forms are made of. Networks stand here as labels; nobody is named, so nothing is in the trail."""
    now = clock.now()
    read = read_trends(db.session(), current_campaign().id, now=now)
    since = read.since.astimezone(current_settings().zone)
    shown = {
        origin: [_shown(origin, trend, slug, since) for trend in found] for origin, found in read.by_origin.items()
    }
    return render_template(
        "admin/trends.html",
        origins=shown,
        seen=read.seen,
        since=read.since,
        now=now,
        rising=sum(row["trend"].is_rising for rows in shown.values() for row in rows),
    )


def _shown(origin: Origin, trend: Trend, slug: str, since: datetime) -> dict[str, Any]:
    """A country or an article has brought honest people before, so of these only what came lately is prepared."""
    value = network_label(trend.value) if origin is Origin.NETWORK else trend.value
    query: dict[str, Any] = {origin.value: value}
    is_mixed = origin in (Origin.COUNTRY, Origin.SOURCE)
    has_filter = origin is not Origin.DOMAIN
    lately: dict[str, Any] = {"since": f"{since:%Y-%m-%dT%H:%M}"} if is_mixed else {}
    return {
        "trend": trend,
        "value": value,
        "list_url": url_for("admin.signatures", slug=slug, **query, since=f"{since:%Y-%m-%d}") if has_filter else None,
        "reject_url": url_for("admin.invalidations", slug=slug, **query, **lately),
    }
