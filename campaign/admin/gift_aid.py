"""Gift Aid: the gifts that can be claimed, HMRC's schedules for them, and declarations that need mending."""

import io
from datetime import date, timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import DateField, Field, ValidationError

from campaign.admin.access import actor
from campaign.admin.blueprint import bp
from campaign.admin.forms import StaffForm
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.fields import LineField
from campaign.donations import gift_aid
from campaign.donations.gift_aid import AlreadyClaimed, NothingToClaim
from campaign.donations.gift_aid_schedule import (
    CURRENCY,
    LONGEST_HOUSE,
    LONGEST_NAME,
    Fault,
    ScheduleLine,
    clean_postcode,
    save,
    write_schedule,
)
from campaign.reports.organisation import organisation_facts
from campaign.settings import current_settings

ODS = "application/vnd.oasis.opendocument.spreadsheet"
_DAY = lazy_gettext("Enter a day, like 2026-03-12.")


def fault_sentence(fault: Fault) -> str:
    """Why HMRC would not take a line."""
    sentences: dict[Fault, str] = {
        Fault.FIRST_NAME_MISSING: _("The first name is missing."),
        Fault.LAST_NAME_MISSING: _("The last name is missing."),
        Fault.NAME_LETTERS: _("The name has letters that HMRC does not take. Ask the donor for its Latin spelling."),
        Fault.NAME_LONG: _("A name has more than 35 characters."),
        Fault.HOUSE_MISSING: _("The house is missing."),
        Fault.HOUSE_LETTERS: _("The address has letters that HMRC does not take."),
        Fault.HOUSE_LONG: _("The address has more than 40 characters."),
        Fault.POSTCODE: _("The postcode is not a UK one."),
        Fault.AMOUNT: _("The amount is not above zero."),
    }
    return sentences[fault]


class PeriodForm(StaffForm):
    """The days whose gifts are claimed, both included."""

    first_day = DateField(invalid_value_message=_DAY)
    last_day = DateField(invalid_value_message=_DAY)

    def validate_first_day(self, field: Field) -> None:
        """A day."""
        if field.data is None:
            raise ValidationError(str(_DAY))

    def validate_last_day(self, field: Field) -> None:
        """A day that has been, not before the first."""
        if field.data is None:
            raise ValidationError(str(_DAY))
        if self.first_day.data and field.data < self.first_day.data:
            raise ValidationError(_("Enter a day that is not before the first one."))
        if field.data > _today():
            raise ValidationError(_("Enter a day that has been."))


class DeclarationForm(StaffForm):
    """A donor's name and address as HMRC takes them."""

    title = LineField(longest=4)
    first_name = LineField(longest=LONGEST_NAME)
    last_name = LineField(longest=LONGEST_NAME)
    house = LineField(longest=LONGEST_HOUSE)
    postcode = LineField(longest=16)

    _FIELDS = {  # noqa: RUF012 - which field a fault belongs to
        Fault.FIRST_NAME_MISSING: "first_name",
        Fault.LAST_NAME_MISSING: "last_name",
        Fault.NAME_LETTERS: "last_name",
        Fault.HOUSE_MISSING: "house",
        Fault.HOUSE_LETTERS: "house",
        Fault.POSTCODE: "postcode",
    }

    def validate(self, extra_validators: Any = None) -> bool:
        """Hold it against what HMRC takes."""
        if not super().validate(extra_validators):
            return False
        values = {name: self[name].data for name in ("title", "first_name", "last_name", "house")}
        line = ScheduleLine(**values, postcode=clean_postcode(self.postcode.data), given_on=_today(), amount_minor=1)
        for fault in line.faults():
            self[self._FIELDS[fault]].errors = [fault_sentence(fault)]
        return not self.errors


def _today() -> date:
    return clock.now().astimezone(current_settings().zone).date()


def _period() -> PeriodForm:
    """The days asked for, by default the calendar month before this one."""
    last = _today().replace(day=1) - timedelta(days=1)
    return PeriodForm(
        formdata=request.form if request.method == "POST" else (request.args or None),
        data={"first_day": last.replace(day=1), "last_day": last},
        meta={"csrf": False},  # asked for by GET as well; the gate has looked at the token of a POST
    )


def _page(form: PeriodForm, *, is_valid: bool) -> str:
    session, zone = db.session(), current_settings().zone
    found = gift_aid.list_claimable(session, form.first_day.data, form.last_day.data, zone) if is_valid else []
    adjustments = gift_aid.list_adjustments(session)
    fit = [one for one in found if not one.line.faults()]
    return render_template(
        "admin/gift_aid.html",
        form=form,
        fit_count=len(fit),
        fit_minor=sum(one.line.amount_minor for one in fit),
        faulty=[(one, [fault_sentence(fault) for fault in one.line.faults()]) for one in found if one.line.faults()],
        adjustments=adjustments,
        overclaimed_minor=gift_aid.tax_minor(sum(one.returned_minor for one in adjustments)),
        claims=gift_aid.list_claims(session),
        file_count=gift_aid.file_count,
        currency=CURRENCY,
        offered=organisation_facts(db.session(), current_settings())["gift_aid"],
    )


@bp.get("/gift-aid")
def gift_aid_page() -> ResponseReturnValue:
    """What can be claimed of a period, and the claims made. A view of personal data in bulk, so it is in the trail."""
    form = _period()
    is_valid = form.validate()
    with transaction() as session:
        record(
            session, actor=actor(), action="gift_aid.viewed", object_type="site", object_id="gift_aid", now=clock.now()
        )  # fmt: skip
    return _page(form, is_valid=is_valid), 200 if is_valid else 422


@bp.post("/gift-aid")
def gift_aid_claim() -> ResponseReturnValue:
    """Put the period's gifts on schedules."""
    form = _period()
    if not form.validate():
        return _page(form, is_valid=False), 422
    try:
        with transaction() as session:
            gift_aid.make_claim(
                session, form.first_day.data, form.last_day.data, zone=current_settings().zone, actor=actor(),
                now=clock.now(),
            )  # fmt: skip
    except NothingToClaim:
        form.form_errors = [_("There is no gift in this period that can be claimed.")]
        return _page(form, is_valid=True), 422
    flash(_("The schedules are made. Attach them to your claim in HMRC’s own service: nothing was sent."), "success")
    return redirect(url_for("admin.gift_aid_page"), 303)


@bp.get("/gift-aid/claims/<public_id>/<int:number>.ods")
def gift_aid_file(public_id: str, number: int) -> ResponseReturnValue:
    """One schedule of a claim."""
    claim = gift_aid.get_claim(db.session(), public_id)
    lines = gift_aid.lines_of_file(db.session(), claim, number)
    with transaction() as session:
        record(
            session, actor=actor(), action="gift_aid.fetched", object_type="gift_aid_claim", object_id=public_id,
            now=clock.now(), file=number, rows=len(lines),
        )  # fmt: skip
    file = io.BytesIO()
    save(write_schedule(lines, overclaimed_minor=claim.overclaimed_minor if number == 1 else 0), file)
    file.seek(0)
    name = f"gift-aid-{claim.first_day:%Y-%m-%d}-{claim.last_day:%Y-%m-%d}-{number}.ods"
    response: Response = send_file(file, mimetype=ODS, as_attachment=True, download_name=name, etag=False)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/gift-aid/declarations/<public_id>", methods=["GET", "POST"])
def gift_aid_declaration(public_id: str) -> ResponseReturnValue:
    """Mend how a donor's name and address are written."""
    declaration = gift_aid.get_declaration(db.session(), public_id)
    form = DeclarationForm(obj=declaration)
    if request.method == "GET":
        return render_template("admin/gift_aid_declaration.html", form=form, declaration=declaration)
    if not form.validate():
        return render_template("admin/gift_aid_declaration.html", form=form, declaration=declaration), 422
    values = {name: form[name].data for name in ("title", "first_name", "last_name", "house", "postcode")}
    try:
        with transaction() as session:
            gift_aid.mend_declaration(session, public_id, **values, actor=actor(), now=clock.now())
    except AlreadyClaimed:
        form.form_errors = [_("This declaration stands on a schedule already, so it is kept as it was.")]
        return render_template("admin/gift_aid_declaration.html", form=form, declaration=declaration), 409
    flash(_("Stored."), "success")
    return redirect(url_for("admin.gift_aid_page"), 303)
