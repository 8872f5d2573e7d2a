"""Campaigns that have another address now: printed codes and articles last, so the old ones lead there."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from campaign.campaigns.slugs import find_moved
from campaign.core import clock
from campaign.core.database import db


def moved_campaign() -> Response | None:
    """The way to the campaign's present address where the one asked for is a former one; None elsewhere.

    A form that was open meanwhile is sent on whole (308). Nobody is told to keep the way: a campaign may go back.
    """
    arguments = request.view_args or {}
    endpoint = request.endpoint or ""
    if "slug" not in arguments or not endpoint.startswith(("public.", "api", "embed.")):
        return None
    present = find_moved(db.session(), arguments["slug"], now=clock.now())
    if present is None:
        return None
    query = request.query_string.decode("ascii", "ignore")
    target = url_for(endpoint, **arguments | {"slug": present}) + (f"?{query}" if query else "")
    return redirect(target, 301 if request.method in ("GET", "HEAD") else 308)
