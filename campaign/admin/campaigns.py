"""The campaigns: list, new, edit, and the buttons that publish, close and withdraw."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign, visible_campaigns
from campaign.admin.blueprint import bp
from campaign.admin.campaign_forms import CampaignForm, NewCampaignForm, campaign_values
from campaign.admin.campaign_words import checklist_lines, field_names, problem_sentence
from campaign.admin.editing_at_once import bring_together
from campaign.admin.forms import read_edition
from campaign.admin.previews import preview_link
from campaign.admin.starting_points import find_start, list_starts
from campaign.campaigns import editing, spending, thresholds
from campaign.campaigns.checklist import checks
from campaign.campaigns.edits import CampaignFields, EditedMeanwhile, EditRefused, Problem
from campaign.campaigns.models import Campaign, CampaignState
from campaign.campaigns.queries import current_demand
from campaign.campaigns.slugs import list_former_slugs
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.headers import scripted
from campaign.core.http.uploads import takes_long_field
from campaign.petitions import tally
from campaign.staff.people import names_of

PREVIEW, PUBLISH = "preview", "publish"
# The texts together have some fifty thousand characters, of up to four bytes each. Sent in parts, not percent-encoded.
LONGEST_SENT = 256 * 1024


@bp.get("/campaigns")
def campaigns() -> ResponseReturnValue:
    """The campaigns that the person works on."""
    found = visible_campaigns()
    counts = tally.many_counts(db.session(), [campaign.id for campaign in found])
    return render_template("admin/campaigns.html", campaigns=found, counts=counts)


@bp.route("/campaigns/new", methods=["GET", "POST"])
@scripted
@takes_long_field(LONGEST_SENT)
def campaign_new() -> ResponseReturnValue:
    """Ask for a new campaign, from a template or like another one, and store it as a draft."""
    start = find_start(request.args)
    form = NewCampaignForm(data=start.values)
    if request.method == "GET" or request.form.get("action") == PREVIEW:
        return _new_page(form, start.key)
    if not form.validate():
        return _new_page(form, start.key), 422
    try:
        with transaction() as session:
            now, who = clock.now(), actor()
            made = editing.create_campaign(session, form.to_fields(), form.to_wording(), actor=who, now=now)
            if form.pairs:
                spending.set_budget(session, made.id, form.pairs, currency=made.currency, actor=who, now=now)
            if form.wanted:
                thresholds.set_thresholds(session, made.id, form.wanted, actor=who, now=now)
    except EditRefused as refused:
        _add_problem(form, refused)
        return _new_page(form, start.key), 422
    flash(_("Stored as a draft. Readers see it once you publish it."), "success")
    return redirect(url_for("admin.campaign_edit", slug=made.slug), 303)


@bp.route("/campaigns/<slug>/edit", methods=["GET", "POST"])
@scripted
@takes_long_field(LONGEST_SENT)
def campaign_edit(slug: str) -> ResponseReturnValue:
    """Show and store the campaign's fields; publish at once where that was pressed."""
    found = current_campaign()
    form = CampaignForm(data=_stored(found))
    action = request.form.get("action")
    if request.method == "GET" or action == PREVIEW:
        return _edit_page(form, found)
    if not form.validate():
        return _edit_page(form, found), 422
    now, who = clock.now(), actor()
    try:
        with transaction() as session:
            stored = editing.edit_campaign(
                session,
                found.id,
                form.to_fields(),
                form.to_wording(),
                goal_note=form.goal_note.data,
                edition=read_edition(form.edition),
                actor=who,
                now=now,
            )
            if action == PUBLISH:
                editing.change_state(session, found.id, to=CampaignState.PUBLISHED, actor=who, now=now)
    except EditedMeanwhile:
        return _changed_meanwhile(form, found), 409
    except EditRefused as refused:
        return refusal(form, refused, found), 422
    flash(_("Published. Readers see it within a few seconds.") if action == PUBLISH else _("Stored."), "success")
    return redirect(url_for("admin.campaign_edit", slug=stored.slug), 303)


@bp.post("/campaigns/<slug>/state")
@scripted
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
        return refusal(form, refused, found), 409 if refused.problem is Problem.MOVE_UNKNOWN else 422
    flash(_("Done. Readers see it within a few seconds."), "success")
    return redirect(url_for("admin.campaign_edit", slug=slug), 303)


def _stored(found: Campaign) -> dict[str, Any]:
    return campaign_values(found, current_demand(db.session(), found.id).text)


def restored_form(found: Campaign, fields: CampaignFields, demand: str) -> CampaignForm:
    """The form with other values than the stored ones, which are not stored yet."""
    values = campaign_values(Campaign(**vars(fields), edition=found.edition), demand)
    return CampaignForm(formdata=None, data=values)


def _new_page(form: NewCampaignForm, start: str) -> str:
    starts = list_starts(visible_campaigns())
    return render_template("admin/campaign_edit.html", form=form, names=field_names(), starts=starts, start=start)


def _edit_page(form: CampaignForm, found: Campaign, **more: Any) -> str:
    session = db.session()
    return render_template(
        "admin/campaign_edit.html",
        form=form,
        names=field_names(),
        moves=editing.moves_from(found.state),
        checklist=checklist_lines(found, checks(session, found, now=clock.now())),
        former_slugs=list_former_slugs(session, found),
        preview_link=preview_link(found),
        **more,
    )


def _add_problem(form: CampaignForm, refused: EditRefused) -> None:
    sentence = problem_sentence(refused.problem)
    if refused.field in form:
        form[refused.field].errors = [sentence]
    else:
        form.form_errors = [sentence]


def refusal(form: CampaignForm, refused: EditRefused, found: Campaign) -> str:
    """The form again; what was refused stands at its field, or above the form where it has none."""
    _add_problem(form, refused)
    return _edit_page(form, found)


def _changed_meanwhile(form: CampaignForm, found: Campaign) -> str:
    """The form with what was typed, beside what somebody else has stored since; sending it again is a decision."""
    db.session.rollback()  # leave the snapshot in which the page began
    meanwhile = bring_together(form, found)
    return _edit_page(form, found, meanwhile=meanwhile, people=names_of(db.session(), {meanwhile["author"]}))
