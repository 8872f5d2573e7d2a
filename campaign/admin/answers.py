"""What who is asked has said: to each point of the demand, and in full."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, HiddenField, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.fields import PastDayField
from campaign.admin.forms import StaffForm, read_edition
from campaign.campaigns import answers as room
from campaign.campaigns.answers import Answers, Point
from campaign.campaigns.edits import EditedMeanwhile
from campaign.campaigns.models import AnswerState
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.fields import BlockField, LineField


class AnswersForm(StaffForm):
    """The answer as a whole; `form_for` adds the fields of each point."""

    asked_on = PastDayField()
    full_text = BlockField(longest=30_000)
    edition = HiddenField()
    points: Sequence[Point] = ()

    def read_state(self, field: Field) -> None:
        """Only states that there are."""
        if field.data not in set(AnswerState):
            raise ValidationError(_("Choose a state from the list."))

    def read_day(self, field: Field) -> None:
        """Needed for an answer."""
        state = self[field.short_name.replace("answered_on", "state")].data
        if state != AnswerState.NONE and not field.data:
            raise ValidationError(_("Enter the day of this answer."))

    def to_answers(self, edition: int) -> Answers:
        """What the room takes; only after the form was found good."""
        points = []
        for point in self.points:
            state = AnswerState(self[f"state_{point.number}"].data)
            day = self[f"answered_on_{point.number}"].data if state is not AnswerState.NONE else None
            points.append(Point(point.number, point.label, state, day, self[f"text_{point.number}"].data))
        return Answers(points, self.asked_on.data, self.full_text.data, edition)


def form_for(stored: Answers, *, empty: bool = False) -> AnswersForm:
    """The form for these points; `empty` leaves out what was sent."""
    fields: dict[str, Any] = {"points": stored.points}
    values: dict[str, Any] = {"asked_on": stored.asked_on, "full_text": stored.full_text, "edition": stored.edition}
    for point in stored.points:
        number = point.number
        fields |= {
            f"state_{number}": SelectField(validate_choice=False),
            f"answered_on_{number}": PastDayField(),
            f"text_{number}": LineField(longest=500),
            f"validate_state_{number}": AnswersForm.read_state,
            f"validate_answered_on_{number}": AnswersForm.read_day,
        }
        values |= {
            f"state_{number}": point.state.value,
            f"answered_on_{number}": point.answered_on,
            f"text_{number}": point.text,
        }
    made = type("AnswersForm", (AnswersForm,), fields)
    form: AnswersForm = made(formdata=None, data=values) if empty else made(data=values)
    return form


@bp.route("/campaigns/<slug>/answers", methods=["GET", "POST"])
def answers(slug: str) -> ResponseReturnValue:
    """Show and store the answers."""
    found = current_campaign()
    stored = room.answers_to_edit(db.session(), found.id)
    form = form_for(stored)
    if request.method == "GET":
        return render_template("admin/answers.html", form=form, answers=stored)
    if not form.validate():
        return render_template("admin/answers.html", form=form, answers=stored), 422
    try:
        with transaction() as session:
            room.set_answers(
                session, found.id, form.to_answers(read_edition(form.edition)), actor=actor(), now=clock.now()
            )
    except EditedMeanwhile:
        return _changed_meanwhile(form), 409
    flash(_("Stored. Readers see it within a few seconds."), "success")
    return redirect(url_for("admin.answers", slug=slug), 303)


def _changed_meanwhile(form: AnswersForm) -> str:
    """The form with what was typed, beside what somebody else has stored since; sending it again is a decision."""
    db.session.rollback()  # leave the snapshot in which the page began
    stored = room.answers_to_edit(db.session(), current_campaign().id)
    theirs = form_for(stored, empty=True)
    form.edition.data = str(stored.edition)
    return render_template("admin/answers.html", form=form, answers=stored, theirs=theirs)
