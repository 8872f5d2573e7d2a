"""Exports: ask for a list with a reason, fetch the file within a day. Both are in the trail before anything leaves."""

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.export_forms import ListForm, check_last_day, day_field
from campaign.admin.figures import signature_counts
from campaign.admin.forms import language
from campaign.campaigns.queries import list_demand_versions
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed
from campaign.core.formatting import countries
from campaign.core.http.fields import CountryField
from campaign.petitions import export_jobs as jobs
from campaign.petitions.export.columns import FURTHER, USUAL
from campaign.petitions.export.formats import LISTS
from campaign.petitions.export.selection import Selection
from campaign.petitions.models import ExportFormat, ExportSubject, Origin, Signal, SignatureState
from campaign.settings import current_settings


class ExportForm(ListForm):
    """Which signatures, and why."""

    formats, usual, further = LISTS, USUAL, FURTHER

    state = SelectField(validate_choice=False, default=SignatureState.CONFIRMED.value)
    country = CountryField(default="")
    flag = SelectField(validate_choice=False, default="")
    origin = SelectField(validate_choice=False, default="")
    demand_version = SelectField(validate_choice=False, default="")
    signed_from = day_field()
    signed_until = day_field()

    def __init__(self, versions: list[int]) -> None:
        super().__init__()
        self.country.choices = [("", _("All countries")), *countries(language())]
        self.demand_version.choices = [("", _("Every wording")), *((str(number), str(number)) for number in versions)]
        origins = {Origin.ONLINE: _("Here"), Origin.PARTNER: _("With a partner"), Origin.PAPER: _("On paper")}
        self.origin.choices = [("", _("All ways")), *((origin.value, words) for origin, words in origins.items())]

    def validate_state(self, field: Field) -> None:
        """Only states that there are."""
        if field.data not in set(SignatureState):
            raise ValidationError(_("Choose a state from the list."))

    def validate_flag(self, field: Field) -> None:
        """Only signals that there are."""
        if field.data and field.data not in set(Signal):
            raise ValidationError(_("Choose a reason from the list."))

    def validate_origin(self, field: Field) -> None:
        """Only origins that there are."""
        if field.data and field.data not in set(Origin):
            raise ValidationError(_("Choose an origin from the list."))

    def validate_demand_version(self, field: Field) -> None:
        """Only versions that there are."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose a version from the list."))

    def validate_signed_until(self, field: Field) -> None:
        """Not before the first day."""
        check_last_day(field, self.signed_from)

    def to_selection(self, campaign_id: int) -> Selection:
        """What the room takes; only after the form was found good. Days are the site's."""
        return Selection(
            campaign_id=campaign_id,
            state=SignatureState(self.state.data),
            country=self.country.data,
            source=self.source.data,
            flag=Signal(self.flag.data) if self.flag.data else None,
            origin=Origin(self.origin.data) if self.origin.data else None,
            demand_version=int(self.demand_version.data) if self.demand_version.data else None,
            signed_from=self.midnight(self.signed_from.data),
            signed_before=self.midnight(self.signed_until.data, days=1),
            chosen=tuple(self.columns.data),
            include_addresses=self.include_addresses.data,
        )


@bp.route("/campaigns/<slug>/exports", methods=["GET", "POST"])
def exports(slug: str) -> ResponseReturnValue:
    """The exports of the campaign, and the form for another."""
    found = current_campaign()
    form = ExportForm(list_demand_versions(db.session(), found.id))
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    with transaction() as session:
        jobs.request_export(
            session,
            form.to_selection(found.id),
            export_format=ExportFormat(form.format.data),
            reason=form.reason.data,
            actor=actor(),
            now=clock.now(),
        )
    flash(_("The file is being made. Load this page again in a moment."), "success")
    return redirect(url_for("admin.exports", slug=slug), 303)


def _page(form: ExportForm) -> str:
    made = jobs.list_exports(db.session(), current_campaign().id)
    return render_template(
        "admin/exports.html", form=form, exports=made, counts=signature_counts(), flags=list(Signal),
        usual=USUAL, further=FURTHER,
    )  # fmt: skip


@bp.post("/campaigns/<slug>/exports/<public_id>/cancel")
def exports_cancel(slug: str, public_id: str) -> ResponseReturnValue:
    """Stop an export that is being made."""
    with transaction() as session:
        subject = jobs.get_export(session, current_campaign().id, public_id).subject
        stopped = jobs.cancel(session, current_campaign().id, public_id, actor=actor(), now=clock.now())
    if stopped:
        flash(_("The export is cancelled."), "success")
    else:
        flash(_("It was finished already."), "error")
    page = "admin.donations_exports" if subject is ExportSubject.DONATIONS else "admin.exports"
    return redirect(url_for(page, slug=slug), 303)


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
    what = "hand-over" if export.format is ExportFormat.PACK else export.filters.get("state", export.subject.value)
    response: Response = send_file(
        path,
        as_attachment=True,
        download_name=f"{slug}-{what}-{public_id[:6]}.{export.format.extension}",
        conditional=False,
        etag=False,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
