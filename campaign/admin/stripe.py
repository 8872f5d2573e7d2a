"""Stripe as it stands with us: when it was last heard of, what waits, what failed, and what matches nothing."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, ValidationError

from campaign.admin.access import actor, visible_campaigns
from campaign.admin.blueprint import bp
from campaign.admin.forms import StaffForm
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.fields import LineField
from campaign.core.identifiers import new_public_id
from campaign.core.paging import parse_cursor
from campaign.donations import alarms, card_testing, events, oversight, queries, reconciling

SHORTEST_NOTE = 3
DAYS = 30


class NoteForm(StaffForm):
    """What was found out, or done."""

    note = LineField(longest=500)

    def validate_note(self, field: Field) -> None:
        """A word at least that somebody else understands."""
        if len(field.data) < SHORTEST_NOTE:
            raise ValidationError(_("Write what it was, or what was done about it."))


def _page(*, problem: str = "") -> str:
    session, now = db.session(), clock.now()
    after = parse_cursor(request.args.get("after"))
    page = queries.list_events(session, after=after)
    return render_template(
        "admin/stripe.html",
        health=oversight.inbox_health(session, now=now),
        troubled=oversight.list_troubled(session),
        bursts=card_testing.list_bursts(session, now=now),
        places={card_testing.SITE: _("The whole site")} | {str(one.id): one.short_name for one in visible_campaigns()},
        alarms=oversight.list_alarms(session),
        unmatched=oversight.list_unmatched(session),
        runs=oversight.list_runs(session),
        page=page,
        problem=problem,
        first_url=url_for("admin.stripe") if after else None,
        next_url=url_for("admin.stripe", after=page.next) if page.next else None,
    )


@bp.get("/stripe")
def stripe() -> ResponseReturnValue:
    """The inbox and the comparison with Stripe."""
    return _page()


@bp.post("/stripe/sync")
def stripe_sync() -> ResponseReturnValue:
    """Ask for a comparison with Stripe as far back as it keeps events; the worker makes it."""
    now = clock.now()
    with transaction() as session:
        if not oversight.is_run_waiting(session):
            reconciling.ask(session, f"asked {new_public_id()}", days=DAYS, asked_by=actor(), now=now)
        record(session, actor=actor(), action="stripe.sync_asked", object_type="site", object_id="stripe", now=now)
    flash(_("The comparison has begun. This page shows what it finds."), "success")
    return redirect(url_for("admin.stripe"), 303)


@bp.post("/stripe/events/<event_id>/replay")
def stripe_replay(event_id: str) -> ResponseReturnValue:
    """Apply an event again, by the code that applies every event."""
    now = clock.now()
    with transaction() as session:
        events.replay(session, event_id, now=now)
        record(session, actor=actor(), action="stripe.replayed", object_type="event", object_id=event_id, now=now)
    flash(_("The event is applied again."), "success")
    return redirect(url_for("admin.stripe"), 303)


@bp.post("/stripe/unmatched/<stripe_id>")
def stripe_unmatched(stripe_id: str) -> ResponseReturnValue:
    """Say what an object is that matches nothing, which takes it off the list."""
    form, now = NoteForm(), clock.now()
    if not form.validate():
        return _page(problem=form.note.errors[0]), 422
    with transaction() as session:
        reconciling.resolve(session, stripe_id, actor=actor(), note=form.note.data, now=now)
    flash(_("Noted."), "success")
    return redirect(url_for("admin.stripe"), 303)


@bp.post("/stripe/alarms/<public_id>")
def stripe_alarm(public_id: str) -> ResponseReturnValue:
    """Say what was done about an alarm, which closes it."""
    form, now = NoteForm(), clock.now()
    if not form.validate():
        return _page(problem=form.note.errors[0]), 422
    with transaction() as session:
        alarms.resolve(session, public_id, actor=actor(), note=form.note.data, now=now)
    flash(_("Noted."), "success")
    return redirect(url_for("admin.stripe"), 303)


@bp.post("/stripe/guards/<scope>/lift")
def stripe_lift(scope: str) -> ResponseReturnValue:
    """End a puzzle or a pause before its time; what was declined until now begins none again."""
    with transaction() as session:
        card_testing.lift(session, scope, actor=actor(), now=clock.now())
    flash(_("Lifted: donations are taken as usual."), "success")
    return redirect(url_for("admin.stripe"), 303)
