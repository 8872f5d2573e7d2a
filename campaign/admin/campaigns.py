"""The campaigns: list, new, edit, and the buttons that publish, close and withdraw."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign, visible_campaigns
from campaign.admin.blueprint import bp
from campaign.admin.campaign_forms import CampaignForm, campaign_values
from campaign.admin.forms import read_edition
from campaign.campaigns import editing
from campaign.campaigns.editing import EditedMeanwhile, EditRefused, Problem
from campaign.campaigns.models import Campaign, CampaignState
from campaign.campaigns.queries import current_demand
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import tally

NEW = {
    "country": "GB",
    "currency": "GBP",
    "donation_minimum": "2",
    "suggested_amounts": "10,25,50,100",
    "monthly_amounts": "3,5,10,20",
}


def problem_sentence(problem: Problem) -> str:
    """What the room refused, in words."""
    sentences: dict[Problem, str] = {
        Problem.SLUG_TAKEN: _("Another campaign has this address. Choose another one."),
        Problem.SLUG_FIXED: _("The address stays as it is after publication: articles and printed codes lead to it."),
        Problem.CURRENCY_FIXED: _("The currency stays as it is after publication: gifts are counted in it."),
        Problem.NOTE_MISSING: _("Say publicly what changed in the demand and why: people signed other words."),
        Problem.GOAL_NOTE_MISSING: _("Say publicly why the goal is changed: readers saw the other one."),
        Problem.DEMAND_MISSING: _("Write the demand: it is what people sign."),
        Problem.TARGET_MISSING: _("Write who is asked."),
        Problem.CLOSING_PASSED: _("The closing time has passed. Choose a later one, or none."),
        Problem.MOVE_UNKNOWN: _("The campaign cannot go to that state from where it is."),
    }
    return sentences[problem]


@bp.get("/campaigns")
def campaigns() -> ResponseReturnValue:
    """The campaigns that the person works on."""
    found = visible_campaigns()
    counts = tally.many_counts(db.session(), [campaign.id for campaign in found])
    return render_template("admin/campaigns.html", campaigns=found, counts=counts)


@bp.route("/campaigns/new", methods=["GET", "POST"])
def campaign_new() -> ResponseReturnValue:
    """Ask for a new campaign and store it as a draft."""
    form = CampaignForm(data=NEW)
    if request.method == "GET":
        return render_template("admin/campaign_edit.html", form=form)
    if not form.validate():
        return render_template("admin/campaign_edit.html", form=form), 422
    try:
        with transaction() as session:
            made = editing.create_campaign(session, form.to_fields(), form.to_wording(), actor=actor(), now=clock.now())
    except EditRefused as refused:
        return _refusal(form, refused), 422
    flash(_("Stored as a draft. Readers see it once you publish it."), "success")
    return redirect(url_for("admin.campaign_edit", slug=made.slug), 303)


@bp.route("/campaigns/<slug>/edit", methods=["GET", "POST"])
def campaign_edit(slug: str) -> ResponseReturnValue:
    """Show and store the campaign's fields."""
    found = current_campaign()
    form = CampaignForm(data=_stored(found))
    if request.method == "GET":
        return _edit_page(form, found)
    if not form.validate():
        return _edit_page(form, found), 422
    try:
        with transaction() as session:
            stored = editing.edit_campaign(
                session,
                found.id,
                form.to_fields(),
                form.to_wording(),
                goal_note=form.goal_note.data,
                edition=read_edition(form.edition),
                actor=actor(),
                now=clock.now(),
            )
    except EditedMeanwhile:
        return _changed_meanwhile(form, found), 409
    except EditRefused as refused:
        return _refusal(form, refused, found), 422
    flash(_("Stored."), "success")
    return redirect(url_for("admin.campaign_edit", slug=stored.slug), 303)


@bp.post("/campaigns/<slug>/state")
def campaign_state(slug: str) -> ResponseReturnValue:
    """Publish, close, open again or withdraw."""
    found = current_campaign()
    wanted = request.form.get("state", "")
    if wanted not in set(CampaignState):
        abort(422, _("Choose a state from the page."))
    try:
        with transaction() as session:
            editing.change_state(session, found.id, to=CampaignState(wanted), actor=actor(), now=clock.now())
    except EditRefused as refused:
        form = CampaignForm(formdata=None, data=_stored(found))
        return _refusal(form, refused, found), 409 if refused.problem is Problem.MOVE_UNKNOWN else 422
    flash(_("Done. Readers see it within a few seconds."), "success")
    return redirect(url_for("admin.campaign_edit", slug=slug), 303)


def _stored(found: Campaign) -> dict[str, Any]:
    return campaign_values(found, current_demand(db.session(), found.id).text)


def _edit_page(form: CampaignForm, found: Campaign | None, **more: Any) -> str:
    return render_template(
        "admin/campaign_edit.html",
        form=form,
        moves=editing.moves_from(found.state) if found else (),
        **more,
    )


def _refusal(form: CampaignForm, refused: EditRefused, found: Campaign | None = None) -> str:
    """The form again; what was refused stands at its field, or above the form where it has none."""
    sentence = problem_sentence(refused.problem)
    if refused.field in form:
        form[refused.field].errors = [sentence]
    else:
        form.form_errors = [sentence]
    return _edit_page(form, found)


def _changed_meanwhile(form: CampaignForm, found: Campaign) -> str:
    """The form with what was typed, beside what somebody else has stored since; sending it again is a decision."""
    db.session.rollback()  # leave the snapshot in which the page began
    stored = CampaignForm(formdata=None, data=_stored(found))
    theirs = [
        (field.short_name, str(field.data))
        for field in stored
        if field.short_name not in ("edition", "csrf_token", "demand_note", "goal_note")
        and str(field.data or "") != str(form[field.short_name].data or "")
    ]
    form.edition.data = str(found.edition)
    return _edit_page(form, found, theirs=theirs)
