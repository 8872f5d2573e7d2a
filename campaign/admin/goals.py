"""The goals of a campaign so far, and the numbers of signatures at which its staff wants to be written to."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, TextAreaField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import StaffForm
from campaign.campaigns import goals as room
from campaign.campaigns import thresholds
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.text import clean_line

MOST_LINES = 20
LONGEST_LABEL = 200
_LINE = re.compile(r"([0-9][0-9,]{0,12})[\s:]+(\S.*)", re.ASCII)


class ThresholdsForm(StaffForm):
    """Numbers with what is due then, one a line. `wanted` is what was read."""

    lines = TextAreaField()

    def validate_lines(self, field: Field) -> None:
        """A number and a few words on each line, each number once."""
        self.wanted: dict[int, str] = {}
        for typed in (line.strip() for line in (field.data or "").splitlines()):
            if not typed:
                continue
            match = _LINE.fullmatch(typed)
            count = int(match[1].replace(",", "")) if match else 0
            label = clean_line(match[2]) if match else ""
            if not 0 < count <= 1_000_000_000 or not 0 < len(label) <= LONGEST_LABEL:
                raise ValidationError(_("Write a number and what is due then on each line, like “10,000 Ask again”."))
            if count in self.wanted:
                raise ValidationError(_("Write each number once."))
            self.wanted[count] = label
        if len(self.wanted) > MOST_LINES:
            raise ValidationError(_("Write at most %(num)s lines.", num=MOST_LINES))


@bp.route("/campaigns/<slug>/goals", methods=["GET", "POST"])
def goals(slug: str) -> ResponseReturnValue:
    """Show the goals; show and store the thresholds."""
    found, session = current_campaign(), db.session()
    form, stored = ThresholdsForm(), thresholds.list_thresholds(session, found.id)
    if request.method == "GET":
        form.lines.data = "\n".join(f"{one.count:,} {one.label}" for one in stored if one.reached_at is None)
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
