"""Rejecting in bulk: say which signatures, see how many and a few of them, let the worker do it, stop it, go back."""

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.invalidation_forms import ConditionsForm, RestoreForm, RunForm, prepared_query
from campaign.admin.invalidation_words import left_words, shown_conditions
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.invalidation import records
from campaign.petitions.invalidation.conditions import Conditions
from campaign.petitions.invalidation.previewing import Progress, count_on, ground_for
from campaign.petitions.invalidation.records import MovedOn
from campaign.petitions.models import Invalidation, InvalidationState, RemovalReason, Signal, Signature
from campaign.staff.people import names_of

# So many signatures are looked at in the request; what is more, a worker counts.
MOST_LOOKED_AT = 5_000


@bp.route("/campaigns/<slug>/invalidations", methods=["GET", "POST"])
def invalidations(slug: str) -> ResponseReturnValue:
    """The conditions' form, prepared by the query, and what was done before; storing a preview."""
    found, form = current_campaign(), ConditionsForm()
    if request.method == "GET":
        return _list_page(form)
    wanted = form.to_conditions(db.session(), found.id)
    if wanted is None:
        return _list_page(form), 422
    made = _preview(found.id, wanted)
    return redirect(url_for("admin.invalidations_one", slug=slug, public_id=made.public_id), 303)


def _preview(campaign_id: int, wanted: Conditions) -> Invalidation:
    now = clock.now()
    ground = ground_for(db.session(), campaign_id, wanted)
    counted = count_on(db.session(), ground, Progress(), as_of=now, most=MOST_LOOKED_AT)
    with transaction() as session:
        return records.preview(session, ground, counted, actor=actor(), now=now)


def _list_page(form: ConditionsForm) -> str:
    made = records.list_invalidations(db.session(), current_campaign().id)
    return render_template(
        "admin/invalidations.html",
        form=form,
        signals=list(Signal),
        invalidations=[(each, shown_conditions(each)) for each in made],
        names=names_of(db.session(), {each.started_by or each.previewed_by for each in made}),
    )


@bp.route("/campaigns/<slug>/invalidations/<public_id>", methods=["GET", "POST"])
def invalidations_one(slug: str, public_id: str) -> ResponseReturnValue:
    """One of them: what it found, what became of it, and the buttons that its state has."""
    found = records.get_invalidation(db.session(), current_campaign().id, public_id)
    if request.method == "GET":
        return _page(found, RunForm(), RestoreForm())
    deeds = {"run": _run, "stop": _stop, "go_on": _go_on, "restore": _restore}
    deed = deeds.get(request.form.get("action", ""))
    if deed is None:
        abort(422, _("Use one of the buttons on the page."))
    try:
        form = deed(found)
    except MovedOn:
        db.session.rollback()
        flash(_("Nothing was done: this had moved on. This is how it stands now."), "error")
        form = None
    if form is not None:
        run, restore = (form, RestoreForm(formdata=None)) if deed is _run else (RunForm(formdata=None), form)
        return _page(found, run, restore), 422
    return redirect(url_for("admin.invalidations_one", slug=slug, public_id=public_id), 303)


def _run(found: Invalidation) -> FlaskForm | None:
    """The form again where it is not good, as `_restore`."""
    form = RunForm()
    if not form.validate():
        return form
    with transaction() as session:
        records.start(
            session,
            found,
            reason_class=RemovalReason(form.reason_class.data),
            reason=form.reason.data,
            actor=actor(),
            now=clock.now(),
        )
    return None


def _stop(found: Invalidation) -> None:
    with transaction() as session:
        records.stop(session, found, actor=actor(), now=clock.now())


def _go_on(found: Invalidation) -> None:
    with transaction() as session:
        records.go_on(session, found, actor=actor(), now=clock.now())


def _restore(found: Invalidation) -> FlaskForm | None:
    form = RestoreForm()
    if not form.validate():
        return form
    with transaction() as session:
        records.restore(session, found, reason=form.restore_reason.data, actor=actor(), now=clock.now())
    return None


def _page(found: Invalidation, run: FlaskForm, restore: FlaskForm) -> str:
    conditions = shown_conditions(found)
    actors = {found.previewed_by, found.started_by, found.stopped_by, found.restored_by}
    return render_template(
        "admin/invalidation.html",
        invalidation=found,
        conditions=conditions,
        query=prepared_query(found),
        run=run,
        restore=restore,
        form=restore if restore.errors else run,
        reasons=list(RemovalReason),
        sample=_sample(found),
        left=left_words(found.left),
        names=names_of(db.session(), actors),
    )


def _sample(found: Invalidation) -> Sequence[Signature] | None:
    """Shown before a decision, and whenever it is asked for; each time it stands in the trail first."""
    if found.state is not InvalidationState.READY and not request.args.get("sample"):
        return None
    if not found.sample:
        return None
    with transaction() as session:
        return records.show_sample(session, found, actor=actor(), now=clock.now())
