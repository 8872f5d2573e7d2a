"""The goals of a campaign so far, and the numbers of signatures at which its staff wants to be written to."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, TextAreaField

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import StaffForm
from campaign.admin.lines import read_thresholds, shown_thresholds
from campaign.campaigns import goals as room
from campaign.campaigns import thresholds
from campaign.core import clock
from campaign.core.database import db, transaction


class ThresholdsForm(StaffForm):
    """Numbers with what is due then, one a line. `wanted` is what was read."""

    lines = TextAreaField()

    def validate_lines(self, field: Field) -> None:
        """A number and a few words on each line, each number once."""
        self.wanted = read_thresholds(field.data)


@bp.route("/campaigns/<slug>/goals", methods=["GET", "POST"])
def goals(slug: str) -> ResponseReturnValue:
    """Show the goals; show and store the thresholds."""
    found, session = current_campaign(), db.session()
    form, stored = ThresholdsForm(), thresholds.list_thresholds(session, found.id)
    if request.method == "GET":
        form.lines.data = shown_thresholds({one.count: one.label for one in stored if one.reached_at is None})
    elif form.validate():
        with transaction() as writing:
            thresholds.set_thresholds(writing, found.id, form.wanted, actor=actor(), now=clock.now())
        flash(_("Stored."), "success")
        return redirect(url_for("admin.goals", slug=slug), 303)
    page = render_template(
        "admin/goals.html",
        form=form,
        goals=room.many_goals(session, [found.id])[found.id],
        reached=[one for one in stored if one.reached_at is not None],
    )
    return page, 422 if form.errors else 200
