"""Comments that readers reported: a moderator keeps or hides each, and its reports are settled with that."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.figures import reported_comments
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.core.paging import parse_cursor
from campaign.petitions.moderation import ModerationAction, moderate
from campaign.petitions.reporting import A_PAGE, list_reported, settle

KEEP, HIDE = "keep", "hide"


@bp.get("/campaigns/<slug>/reports")
def reports(slug: str) -> ResponseReturnValue:
    """What waits, the most reported first; a view of personal data in bulk, so it is in the trail."""
    found = current_campaign()
    with transaction() as session:
        record(
            session, actor=actor(), action="reports.viewed", object_type="campaign", object_id=found.slug,
            now=clock.now(), campaign_id=found.id,
        )  # fmt: skip
    return render_template(
        "admin/reports.html", reported=list_reported(db.session(), found.id), total=reported_comments()
    )


@bp.post("/campaigns/<slug>/reports/settle")
def reports_settle(slug: str) -> ResponseReturnValue:
    """Keep or hide the chosen comments, as far as they stand as the page showed them."""
    action, chosen = request.form.get("action"), _chosen()
    if action not in (KEEP, HIDE):
        abort(422, _("Use one of the buttons on the page."))
    if not chosen:
        abort(422, _("Choose a comment first."))
    done = _settle(chosen, hides=action == HIDE)
    if action == HIDE:
        flash(ngettext("%(num)s comment is hidden now.", "%(num)s comments are hidden now.", done), "success")
    else:
        flash(ngettext("%(num)s comment was kept.", "%(num)s comments were kept.", done), "success")
    if done < len(chosen):
        flash(_("The others were left alone: somebody else decided about them meanwhile."), "error")
    return redirect(url_for("admin.reports", slug=slug), 303)


def _settle(chosen: dict[int, int], *, hides: bool) -> int:
    about: dict[str, Any] = {"actor": actor(), "now": clock.now()}
    campaign_id, ids = current_campaign().id, list(chosen)
    with transaction() as session:
        if hides:
            try:
                outcome = moderate(
                    session, campaign_id=campaign_id, ids=ids, action=ModerationAction.REFUSE_COMMENT,
                    reason=_("Reported by readers"), editions=chosen, **about,
                )  # fmt: skip
            except NotFound:
                return 0
            ids = [each for each in ids if each not in outcome.left_alone]
        return settle(session, campaign_id, ids, kept=not hides, **about)


def _chosen() -> dict[int, int]:
    """The chosen ids, each with the edition that the page showed."""
    pairs = (typed.partition(".") for typed in request.form.getlist("ids")[:A_PAGE])
    read = ((parse_cursor(row_id), parse_cursor(edition)) for row_id, _dot, edition in pairs)
    return {row_id: edition for row_id, edition in read if row_id is not None and edition is not None}
