"""Exports: ask for a list with a reason, fetch the file within a day. Both are in the trail before anything leaves."""

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, Field, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.figures import signature_counts
from campaign.admin.forms import StaffForm, language
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed
from campaign.core.formatting import countries
from campaign.core.http.fields import CountryField, LineField
from campaign.petitions import export_jobs as jobs
from campaign.petitions.export import Selection
from campaign.petitions.models import ExportFormat, SignatureState
from campaign.settings import current_settings


class ExportForm(StaffForm):
    """Which list, and why."""

    format = SelectField(validate_choice=False, default=ExportFormat.CSV.value)
    state = SelectField(validate_choice=False, default=SignatureState.CONFIRMED.value)
    country = CountryField(default="")
    source = LineField(longest=200)
    include_addresses = BooleanField()
    reason = LineField(longest=500)

    def __init__(self) -> None:
        super().__init__()
        self.country.choices = [("", _("All countries")), *countries(language())]
        self.format.choices = [(ExportFormat.CSV.value, "CSV (UTF-8)")]

    def validate_format(self, field: Field) -> None:
        """Only formats that there are."""
        if field.data not in set(ExportFormat):
            raise ValidationError(_("Choose a file type from the list."))

    def validate_state(self, field: Field) -> None:
        """Only states that there are."""
        if field.data not in set(SignatureState):
            raise ValidationError(_("Choose a state from the list."))

    def validate_reason(self, field: Field) -> None:
        """A word at least that somebody else understands."""
        if len(field.data) < jobs.SHORTEST_REASON:
            raise ValidationError(_("Write what the list is for, like “Hand over to the Home Office”."))


@bp.route("/campaigns/<slug>/exports", methods=["GET", "POST"])
def exports(slug: str) -> ResponseReturnValue:
    """The exports of the campaign, and the form for another."""
    form, found = ExportForm(), current_campaign()
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    with transaction() as session:
        jobs.request_export(
            session,
            Selection(
                campaign_id=found.id,
                state=SignatureState(form.state.data),
                country=form.country.data,
                source=form.source.data,
                include_addresses=form.include_addresses.data,
            ),
            export_format=ExportFormat(form.format.data),
            reason=form.reason.data,
            actor=actor(),
            now=clock.now(),
        )
    flash(_("The file is being made. Load this page again in a moment."), "success")
    return redirect(url_for("admin.exports", slug=slug), 303)


def _page(form: ExportForm) -> str:
    made = jobs.list_exports(db.session(), current_campaign().id)
    return render_template("admin/exports.html", form=form, exports=made, counts=signature_counts())


@bp.get("/campaigns/<slug>/exports/<public_id>/file")
def exports_file(slug: str, public_id: str) -> ResponseReturnValue:
    """The file itself, while it lives."""
    now = clock.now()
    export = jobs.get_ready(db.session(), current_campaign().id, public_id, now=now)
    path = jobs.export_path(current_settings().storage.resolve(), export)
    if not path.is_file():  # restored without its files, or on another machine's disk: the trail must not say fetched
        raise Closed(_("The file is no longer there. Ask for the list again."))
    with transaction() as session:
        jobs.note_fetched(session, export, actor=actor(), now=now)
    response: Response = send_file(
        path,
        as_attachment=True,
        download_name=f"{slug}-{export.filters['state']}-{public_id[:6]}.{export.format.value}",
        conditional=False,
        etag=False,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
