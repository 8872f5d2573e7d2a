"""The updates of a campaign: list, write, preview, publish, plan for later."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.fields import shown_amount
from campaign.admin.forms import UpdateForm
from campaign.campaigns import updates as room
from campaign.campaigns.models import Update
from campaign.campaigns.updates import Action, TimePassed
from campaign.core import clock
from campaign.core.database import db, transaction

PREVIEW = "preview"


@bp.get("/campaigns/<slug>/updates")
def updates(slug: str) -> ResponseReturnValue:
    """All updates, whatever their state."""
    told = room.list_all_updates(db.session(), current_campaign().id)
    return render_template("admin/updates.html", updates=told)


@bp.route("/campaigns/<slug>/updates/new", methods=["GET", "POST"])
def updates_new(slug: str) -> ResponseReturnValue:
    """Write an update."""
    return _write(None)


@bp.route("/campaigns/<slug>/updates/<update>/edit", methods=["GET", "POST"])
def updates_edit(slug: str, update: str) -> ResponseReturnValue:
    """Change an update."""
    return _write(room.get_update(db.session(), current_campaign().id, update))


def _write(told: Update | None) -> ResponseReturnValue:
    form = UpdateForm(data=_stored(told) if told else None, currency=current_campaign().currency)
    if request.method == "GET":
        return render_template("admin/update_edit.html", form=form, update=told)
    action = request.form.get("action", "")
    if action != PREVIEW and action not in set(Action):
        abort(422, _("Use one of the buttons below the form."))
    if not form.validate():
        return render_template("admin/update_edit.html", form=form, update=told), 422
    if action == PREVIEW:
        public_id = told.public_id if told else PREVIEW
        preview = room.preview_update(form.to_fields(), public_id=public_id, now=clock.now())
        return render_template("admin/update_edit.html", form=form, update=told, preview=preview)
    if action != Action.DRAFT and form.is_empty():
        form.body.errors = [_("Write the text before readers see it.")]
        return render_template("admin/update_edit.html", form=form, update=told), 422
    return _save(form, told, Action(action))


def _save(form: UpdateForm, told: Update | None, action: Action) -> ResponseReturnValue:
    try:
        with transaction() as session:
            room.save_update(
                session,
                campaign_id=current_campaign().id,
                public_id=told.public_id if told else None,
                fields=form.to_fields(),
                action=action,
                publish_at=form.publish_at.data,
                actor=actor(),
                now=clock.now(),
            )
    except TimePassed:
        form.publish_at.errors = [_("Choose a time that is still to come.")]
        return render_template("admin/update_edit.html", form=form, update=told), 422
    flash(
        {
            Action.DRAFT: _("Stored as a draft."),
            Action.PUBLISH: _("Published."),
            Action.SCHEDULE: _("Stored. It is published at the time you chose."),
        }[action],
        "success",
    )
    return redirect(url_for("admin.updates", slug=current_campaign().slug), 303)


def _stored(told: Update) -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": told.title,
        "body": told.body,
        "kind": told.kind.value,
        "link": told.link,
        "publish_at": told.publish_at,
    }
    delivery = told.delivery
    if delivery is not None:
        values |= {
            "stage": delivery.stage.value,
            "contents": "\n".join(f"{line.quantity} {line.item}" for line in delivery.items),
            "cost": shown_amount(delivery.cost_minor, delivery.currency),
            "receiver": delivery.receiver,
            "region": delivery.region,
            "delivered_on": delivery.delivered_on,
            "evidence_url": delivery.evidence_url,
        }
    return values
