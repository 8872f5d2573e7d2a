"""The updates of a campaign: list, write, preview, publish, plan for later, correct, withdraw."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import language, read_edition
from campaign.admin.update_forms import UpdateForm, WithdrawForm, update_values
from campaign.admin.update_mail import as_page, render_update
from campaign.campaigns import updates as room
from campaign.campaigns.corrections import NotPublished, withdraw
from campaign.campaigns.edits import EditedMeanwhile
from campaign.campaigns.models import Update, UpdateState
from campaign.campaigns.updates import Action, AlreadyTold, TimePassed
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.settings import current_settings

PREVIEW = "preview"
PREVIEW_MAIL = "preview_mail"


@bp.get("/campaigns/<slug>/updates")
def updates(slug: str) -> ResponseReturnValue:
    """All updates, whatever their state."""
    told = room.list_all_updates(db.session(), current_campaign().id)
    return render_template("admin/updates.html", updates=told)


@bp.route("/campaigns/<slug>/updates/new", methods=["GET", "POST"])
def updates_new(slug: str) -> ResponseReturnValue:
    """Write an update."""
    return _write(None)


@bp.route("/campaigns/<slug>/updates/<update>/edit", methods=["GET", "POST"])
def updates_edit(slug: str, update: str) -> ResponseReturnValue:
    """Change an update."""
    return _write(_get(update))


@bp.post("/campaigns/<slug>/updates/<update>/withdraw")
def updates_withdraw(slug: str, update: str) -> ResponseReturnValue:
    """Take a published update from readers, with the note that stands in its place."""
    told = _get(update)
    asked = WithdrawForm()
    if not asked.validate():
        return _page(_form(told, sent=False), told, asked=asked), 422
    try:
        with transaction() as session:
            withdraw(session, current_campaign().id, update, asked.note.data, actor=actor(), now=clock.now())
    except NotPublished:
        abort(409, _("Only what readers can see can be withdrawn."))
    flash(_("Withdrawn. Who opens it is told so, with your note."), "success")
    return redirect(url_for("admin.updates", slug=slug), 303)


def _get(public_id: str) -> Update:
    return room.get_update(db.session(), current_campaign().id, public_id)


def _form(told: Update | None, *, sent: bool = True) -> UpdateForm:
    """The form with what was sent, or with what is stored."""
    more = {} if sent else {"formdata": None}
    return UpdateForm(data=update_values(told) if told else None, currency=current_campaign().currency, **more)


def _page(form: UpdateForm, told: Update | None, **more: object) -> str:
    return render_template(
        "admin/update_edit.html", form=form, update=told, **({"asked": WithdrawForm(formdata=None)} | more)
    )


def _write(told: Update | None) -> ResponseReturnValue:
    form = _form(told)
    if request.method == "GET":
        return _page(form, told)
    action = request.form.get("action", "")
    if action not in (PREVIEW, PREVIEW_MAIL, *Action):
        abort(422, _("Use one of the buttons below the form."))
    if not form.validate():
        return _page(form, told), 422
    if action in (PREVIEW, PREVIEW_MAIL):
        return _preview(form, told, as_mail=action == PREVIEW_MAIL)
    if action != Action.DRAFT and form.is_empty():
        form.body.errors = [_("Write the text before readers see it.")]
        return _page(form, told), 422
    return _save(form, told, Action(action))


def _preview(form: UpdateForm, told: Update | None, *, as_mail: bool) -> ResponseReturnValue:
    """What was typed as readers would see it: on the page with the mail's text below, or the mail as it looks."""
    public_id = told.public_id if told else PREVIEW
    told_at = (told.published_at if told else None) or clock.now()
    preview = room.preview_update(form.to_fields(), public_id=public_id, now=told_at)
    mail = render_update(current_settings(), current_campaign(), preview, language())
    return as_page(mail) if as_mail else _page(form, told, preview=preview, mail=mail)


def _save(form: UpdateForm, told: Update | None, action: Action) -> ResponseReturnValue:
    was_public = told is not None and told.state is UpdateState.PUBLISHED
    try:
        with transaction() as session:
            room.save_update(
                session,
                campaign_id=current_campaign().id,
                public_id=told.public_id if told else None,
                fields=form.to_fields(),
                action=action,
                publish_at=form.publish_at.data,
                note=form.correction.data,
                edition=read_edition(form.edition),
                actor=actor(),
                now=clock.now(),
            )
    except TimePassed:
        form.publish_at.errors = [_("Choose a time that is still to come.")]
        return _page(form, told), 422
    except AlreadyTold:
        abort(422, _("Readers have seen this. Correct it, or withdraw it."))
    except EditedMeanwhile:
        return _changed_meanwhile(form, told), 409
    words = {
        Action.DRAFT: _("Stored as a draft."),
        Action.PUBLISH: _("Stored. What changed is noted under the update.") if was_public else _("Published."),
        Action.SCHEDULE: _("Stored. It is published at the time you chose."),
    }
    flash(words[action], "success")
    return redirect(url_for("admin.updates", slug=current_campaign().slug), 303)


def _changed_meanwhile(form: UpdateForm, told: Update | None) -> str:
    """The form with what was typed, beside what is stored since; sending it again is a decision."""
    db.session.rollback()  # leave the snapshot in which the page began
    stored = _get(told.public_id) if told else None
    form.edition.data = str(stored.edition) if stored else ""
    return _page(form, stored, theirs=stored)
