"""Exports of donations: asked for with a reason, made and fetched as those of signatures are, see `exports.py`."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.export_forms import ListForm, check_last_day, day_field
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations.exporting import FURTHER, USUAL, Selection
from campaign.donations.models import DonationState, Frequency
from campaign.donations.offers import currencies
from campaign.petitions import export_jobs as jobs
from campaign.petitions.models import ExportFormat, ExportSubject


class DonationExportForm(ListForm):
    """Which donations, and why."""

    formats = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.JSON)
    usual, further = USUAL, FURTHER

    state = SelectField(validate_choice=False, default="")
    frequency = SelectField(validate_choice=False, default="")
    currency = SelectField(validate_choice=False, default="")
    paid_from = day_field()
    paid_until = day_field()

    def __init__(self) -> None:
        super().__init__()
        offered = currencies(current_campaign())
        self.currency.choices = [("", _("Any currency")), *((code, code) for code in offered)]
        kinds = ((Frequency.ONCE.value, _("Once")), (Frequency.MONTHLY.value, _("Every month")))
        self.frequency.choices = [("", _("Once or monthly")), *kinds]

    def validate_state(self, field: Field) -> None:
        """Only states that there are."""
        if field.data and field.data not in set(DonationState):
            raise ValidationError(_("Choose a state from the list."))

    def validate_frequency(self, field: Field) -> None:
        """Once or monthly."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose how often from the list."))

    def validate_currency(self, field: Field) -> None:
        """Only currencies of the campaign."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose a currency from the list."))

    def validate_paid_until(self, field: Field) -> None:
        """Not before the first day."""
        check_last_day(field, self.paid_from)

    def to_selection(self, campaign_id: int) -> Selection:
        """What the room takes; only after the form was found good."""
        return Selection(
            campaign_id=campaign_id,
            state=DonationState(self.state.data) if self.state.data else None,
            frequency=Frequency(self.frequency.data) if self.frequency.data else None,
            currency=self.currency.data,
            source=self.source.data,
            paid_from=self.midnight(self.paid_from.data),
            paid_before=self.midnight(self.paid_until.data, days=1),
            chosen=tuple(self.columns.data),
            include_addresses=self.include_addresses.data,
        )


@bp.route("/campaigns/<slug>/donations/exports", methods=["GET", "POST"])
def donations_exports(slug: str) -> ResponseReturnValue:
    """The exports of the campaign's donations, and the form for another."""
    found, form = current_campaign(), DonationExportForm()
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
            subject=ExportSubject.DONATIONS,
            actor=actor(),
            now=clock.now(),
        )
    flash(_("The file is being made. Load this page again in a moment."), "success")
    return redirect(url_for("admin.donations_exports", slug=slug), 303)


def _page(form: DonationExportForm) -> str:
    return render_template(
        "admin/donation_exports.html",
        form=form,
        exports=jobs.list_exports(db.session(), current_campaign().id, ExportSubject.DONATIONS),
        states=list(DonationState),
        usual=USUAL,
        further=FURTHER,
    )
