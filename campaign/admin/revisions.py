"""Revisions of a campaign: who changed what, and the way back."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.campaign_words import changes, field_names, form_name
from campaign.admin.campaigns import refusal, restored_form
from campaign.campaigns.editing import edit_campaign
from campaign.campaigns.edits import EditedMeanwhile, EditRefused, Wording
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import current_demand
from campaign.campaigns.revisions import (
    changed_names,
    content_of,
    find_base,
    get_revision,
    page_of_revisions,
    read_content,
)
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.paging import parse_cursor
from campaign.staff.people import names_of

A_PAGE = 30


@bp.get("/campaigns/<slug>/revisions")
def campaign_revisions(slug: str) -> ResponseReturnValue:
    """All revisions, the latest first, each with what it changed."""
    found, session = current_campaign(), db.session()
    page = page_of_revisions(session, found.id, after=parse_cursor(request.args.get("cursor")), limit=A_PAGE)
    words = field_names()
    last = page.items[-1] if page.items else None
    before = find_base(session, found.id, last.edition - 1) if last else None
    earlier = [*page.items[1:], before]
    rows = (
        [
            {
                "revision": revision,
                "changed": [words.get(form_name(name), name) for name in changed_names(old.content, revision.content)]
                if old
                else None,
            }
            for revision, old in zip(page.items, earlier, strict=True)
        ]
        if page.items
        else []
    )
    next_url = url_for("admin.campaign_revisions", slug=slug, cursor=page.next) if page.next else None
    names = names_of(session, {revision.author for revision in page.items})
    return render_template("admin/revisions.html", rows=rows, names=names, next_url=next_url)


@bp.get("/campaigns/<slug>/revisions/<int(max=2147483647):edition>")
def campaign_revision(slug: str, edition: int) -> ResponseReturnValue:
    """One revision: what it changed, and what has changed since."""
    found, session = current_campaign(), db.session()
    revision = get_revision(session, found.id, edition)
    before = find_base(session, found.id, edition - 1)
    now = _now(found)
    old = before.content if before else {}
    return render_template(
        "admin/revision.html",
        revision=revision,
        names=names_of(session, {revision.author}),
        is_first=before is None,
        changed=changes(old, revision.content, changed_names(old, revision.content)) if before else [],
        since=changes(revision.content, now, changed_names(revision.content, now)),
    )


@bp.post("/campaigns/<slug>/revisions/<int(max=2147483647):edition>/restore")
def campaign_restore(slug: str, edition: int) -> ResponseReturnValue:
    """Store the words of a revision as a new one; where something must be said publicly about it, the form asks."""
    found = current_campaign()
    revision = get_revision(db.session(), found.id, edition)
    fields = read_content(revision.content, found)
    wording = Wording(text=revision.content["demand"])
    try:
        with transaction() as session:
            edit_campaign(session, found.id, fields, wording, edition=found.edition, actor=actor(), now=clock.now())
    except EditedMeanwhile:
        flash(_("Somebody has just changed this campaign. Look at what it says now, then restore again."), "error")
        return redirect(url_for("admin.campaign_revision", slug=slug, edition=edition), 303)
    except EditRefused as refused:
        return refusal(restored_form(found, fields, wording.text), refused, found), 422
    flash(_("Restored. What it said before is kept as a revision as well."), "success")
    return redirect(url_for("admin.campaign_edit", slug=slug), 303)


def _now(found: Campaign) -> dict[str, object]:
    return content_of(found, current_demand(db.session(), found.id).text)
