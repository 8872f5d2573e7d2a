"""Exports: ask for a list with a reason, fetch the file within a day. Both are in the trail before anything leaves."""

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import BooleanField, Field, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.fields import line_field
from campaign.admin.forms import StaffForm, language
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed, NotFound
from campaign.core.formatting import countries
from campaign.petitions import tally
from campaign.petitions.export import SHORTEST_REASON, Selection, export_path, request_export
from campaign.petitions.models import Export, ExportFormat, ExportState, SignatureState
from campaign.settings import current_settings

SHOWN = 50


class ExportForm(StaffForm):
    """Which list, and why."""

    format = SelectField(validate_choice=False, default=ExportFormat.CSV.value)
    state = SelectField(validate_choice=False, default=SignatureState.CONFIRMED.value)
    country = SelectField(validate_choice=False, default="")
    source = line_field(200)
    include_addresses = BooleanField()
    reason = line_field(500)

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

    def validate_country(self, field: Field) -> None:
        """Only codes of the list."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose a country from the list."))

    def validate_reason(self, field: Field) -> None:
        """A word at least that somebody else understands."""
        if len(field.data) < SHORTEST_REASON:
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
        request_export(
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
    found = current_campaign()
    made = db.session.scalars(
        select(Export).where(Export.campaign_id == found.id).order_by(Export.id.desc()).limit(SHOWN)
    ).all()
    return render_template("admin/exports.html", form=form, exports=made, counts=tally.counts(db.session(), found.id))


@bp.get("/campaigns/<slug>/exports/<public_id>/file")
def exports_file(slug: str, public_id: str) -> ResponseReturnValue:
    """The file itself, while it lives."""
    found = current_campaign()
    export = db.session.scalar(select(Export).where(Export.campaign_id == found.id, Export.public_id == public_id))
    if export is None:
        raise NotFound("There is no such export.")
    if export.state is ExportState.EXPIRED or (export.expires_at is not None and export.expires_at <= clock.now()):
        raise Closed(_("This file was deleted a day after it was made. Ask for it again."))
    if export.state is not ExportState.READY:
        raise NotFound("The file is not ready.")
    with transaction() as session:
        record(
            session, actor=actor(), action="export.fetched", object_type="export", object_id=public_id,
            now=clock.now(), campaign_id=found.id, rows=export.row_count,
        )  # fmt: skip
    response: Response = send_file(
        export_path(current_settings().storage.resolve(), export),
        as_attachment=True,
        download_name=f"{slug}-{export.filters['state']}-{public_id[:6]}.{export.format.value}",
        conditional=False,
        etag=False,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
