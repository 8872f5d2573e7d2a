"""The goals of a campaign so far, and the numbers of signatures at which its staff wants to be written to."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, HiddenField, TextAreaField

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import StaffForm
from campaign.admin.lines import lines_meanwhile, read_thresholds, shown_thresholds
from campaign.campaigns import goals as room
from campaign.campaigns import thresholds
from campaign.campaigns.models import Threshold
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import ChangedMeanwhile


class ThresholdsForm(StaffForm):
    """Numbers with what is due then, one a line. `wanted` is what was read."""

    lines = TextAreaField()
    seen = HiddenField()

    def validate_lines(self, field: Field) -> None:
        """A number and a few words on each line, each number once."""
        self.wanted = read_thresholds(field.data)

    def validate_seen(self, field: Field) -> None:
        """Those from which the form started; scripts that do not say so mean the present ones."""
        self.seen_ones = read_thresholds(field.data) if field.raw_data else None


@bp.route("/campaigns/<slug>/goals", methods=["GET", "POST"])
def goals(slug: str) -> ResponseReturnValue:
    """Show the goals; show and store the thresholds."""
    found, session = current_campaign(), db.session()
    form, stored, meanwhile = ThresholdsForm(), thresholds.list_thresholds(session, found.id), None
    if request.method == "GET":
        form.lines.data = form.seen.data = _shown(stored)
    elif form.validate():
        try:
            with transaction() as writing:
                thresholds.set_thresholds(
                    writing, found.id, form.wanted, seen=form.seen_ones, actor=actor(), now=clock.now()
                )
            flash(_("Stored."), "success")
            return redirect(url_for("admin.goals", slug=slug), 303)
        except ChangedMeanwhile:
            session.rollback()
            stored = thresholds.list_thresholds(session, found.id)
            meanwhile = lines_meanwhile(form, _shown(stored))
    status = 409 if meanwhile else 422 if form.errors else 200
    page = render_template(
        "admin/goals.html",
        form=form,
        goals=room.many_goals(session, [found.id])[found.id],
        reached=[one for one in stored if one.reached_at is not None],
        meanwhile=meanwhile,
    )
    return page, status


def _shown(stored: Sequence[Threshold]) -> str:
    return shown_thresholds({one.count: one.label for one in stored if one.reached_at is None})
