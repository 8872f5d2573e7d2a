"""Tallies of signatures that were collected on paper and by partners: entered with their source, corrected openly."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Field, HiddenField, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.fields import PastDayField, WholeNumberField
from campaign.admin.forms import StaffForm, read_edition
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import ChangedMeanwhile
from campaign.core.http.fields import LineField
from campaign.core.identifiers import new_public_id
from campaign.petitions import collecting
from campaign.petitions.collecting import TallyFields
from campaign.petitions.models import CollectedTally, Origin
from campaign.reports.summary import campaign_count

ELSEWHERE = (Origin.PAPER.value, Origin.PARTNER.value)


class TallyForm(StaffForm):
    """How many, where, and when they were counted."""

    origin = SelectField(validate_choice=False, default=Origin.PAPER.value)
    source = LineField(longest=200, needed=lazy_gettext("Write where they were collected, or by whom."))
    count = WholeNumberField()
    counted_on = PastDayField(needed=lazy_gettext("Enter the day on which they were counted."))
    key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key.data = self.key.data or new_public_id()

    def validate_origin(self, field: Field) -> None:
        """Anywhere but here."""
        if field.data not in ELSEWHERE:
            raise ValidationError(_("Choose paper or a partner."))

    def to_fields(self) -> TallyFields:
        """What the room takes; only after the form was found good."""
        return TallyFields(
            origin=Origin(self.origin.data),
            source=self.source.data,
            count=self.count.number,
            counted_on=self.counted_on.data,
        )


class CorrectionForm(TallyForm):
    """What is right, and why it was not; 0 takes the tally off the page."""

    count = WholeNumberField(least=0)
    reason = LineField(longest=500, needed=lazy_gettext("Write what was wrong."))
    was = HiddenField()


@bp.route("/campaigns/<slug>/tallies", methods=["GET", "POST"])
def tallies(slug: str) -> ResponseReturnValue:
    """The tallies with their history, what the total is made of, and the form for another."""
    form = TallyForm()
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    with transaction() as session:
        collecting.add_tally(
            session, current_campaign().id, form.to_fields(), form_key=form.key.data, actor=actor(), now=clock.now()
        )
    flash(_("Stored. Readers see it within a few seconds."), "success")
    return redirect(url_for("admin.tallies", slug=slug), 303)


def _page(form: TallyForm) -> str:
    found, session = current_campaign(), db.session()
    return render_template(
        "admin/tallies.html",
        form=form,
        tallies=collecting.list_tallies(session, found.id),
        count=campaign_count(session, found, now=clock.now()),
    )


@bp.route("/campaigns/<slug>/tallies/<int:tally_id>", methods=["GET", "POST"])
def tallies_correct(slug: str, tally_id: int) -> ResponseReturnValue:
    """Correct a tally, with a reason."""
    found = current_campaign()
    row = collecting.get_tally(db.session(), found.id, tally_id)
    form = CorrectionForm(data=_stored(row))
    if request.method == "GET":
        return render_template("admin/tally.html", form=form, tally=row)
    if not form.validate():
        return render_template("admin/tally.html", form=form, tally=row), 422
    try:
        with transaction() as session:
            collecting.correct_tally(
                session, found.id, tally_id, form.to_fields(), was=read_edition(form.was), reason=form.reason.data,
                actor=actor(), now=clock.now(),
            )  # fmt: skip
    except ChangedMeanwhile:
        row = collecting.get_tally(db.session(), found.id, tally_id)
        form.form_errors = [
            _("Somebody else has corrected this tally meanwhile: it says %(count)s now.", count=row.count)
        ]
        form.was.data = str(row.count)
        return render_template("admin/tally.html", form=form, tally=row), 409
    flash(_("Corrected. What it said before stands in the history."), "success")
    return redirect(url_for("admin.tallies", slug=slug), 303)


def _stored(row: CollectedTally) -> dict[str, Any]:
    return {
        "origin": row.origin,
        "source": row.source,
        "count": str(row.count),
        "counted_on": row.counted_on,
        "was": str(row.count),
    }
