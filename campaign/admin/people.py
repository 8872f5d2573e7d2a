"""The record of actions, and who may do what."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign.admin.access import visible_campaigns
from campaign.admin.blueprint import bp
from campaign.audit.queries import list_entries
from campaign.core.database import db
from campaign.core.paging import parse_cursor
from campaign.staff.people import list_people


@bp.get("/audit")
def audit() -> ResponseReturnValue:
    """Who did what, when and why; newest first."""
    after = parse_cursor(request.args.get("after"))
    page = list_entries(db.session(), after=after)
    return render_template(
        "admin/audit.html",
        page=page,
        names=_short_names(),
        first_url=url_for("admin.audit") if after else None,
        next_url=url_for("admin.audit", after=page.next) if page.next else None,
    )


@bp.get("/staff")
def staff() -> ResponseReturnValue:
    """Everybody who may sign in, with their roles."""
    return render_template("admin/people.html", people=list_people(db.session()), names=_short_names())


def _short_names() -> dict[int, str]:
    return {campaign.id: campaign.short_name for campaign in visible_campaigns()}
