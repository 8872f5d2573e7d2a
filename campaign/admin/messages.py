"""Donors' messages: read before readers see them. The page shows neither addresses nor sums."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.figures import awaiting_messages
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.paging import parse_cursor
from campaign.donations.messages import decide, list_messages
from campaign.donations.models import MessageState

A_PAGE = 50
_ACTIONS = {"publish": MessageState.PUBLISHED, "refuse": MessageState.REFUSED}


def _state(typed: str | None) -> MessageState:
    return MessageState(typed) if typed in set(MessageState) else MessageState.AWAITING


@bp.get("/campaigns/<slug>/messages")
def messages(slug: str) -> ResponseReturnValue:
    """One page of messages in a state, newest first; a view of personal data in bulk, so it is in the trail."""
    found, after = current_campaign(), parse_cursor(request.args.get("after"))
    state = _state(request.args.get("state"))
    with transaction() as session:
        record(
            session, actor=actor(), action="messages.viewed", object_type="campaign", object_id=found.slug,
            now=clock.now(), campaign_id=found.id, state=state.value,
        )  # fmt: skip
    page = list_messages(db.session(), found.id, state, after=after, limit=A_PAGE)
    words = {
        MessageState.AWAITING: _("To read"), MessageState.PUBLISHED: _("Published"), MessageState.REFUSED: _("Refused"),
    }  # fmt: skip
    here: dict[str, Any] = {"slug": slug, "state": state.value}
    return render_template(
        "admin/messages.html",
        page=page,
        state=state,
        tabs=[
            {
                "label": words[each],
                "url": url_for("admin.messages", slug=slug, state=each.value),
                "count": awaiting_messages() if each is MessageState.AWAITING else None,
                "current": each is state,
            }
            for each in MessageState
        ],
        first_url=url_for("admin.messages", **here) if after else None,
        next_url=url_for("admin.messages", **here, after=page.next) if page.next else None,
    )


@bp.post("/campaigns/<slug>/messages/decide")
def messages_decide(slug: str) -> ResponseReturnValue:
    """Publish or refuse the chosen messages."""
    to, was = _ACTIONS.get(request.form.get("action", "")), _state(request.form.get("state"))
    chosen = request.form.getlist("ids")[:A_PAGE]
    if to is None:
        abort(422, _("Use one of the buttons on the page."))
    if not chosen:
        abort(422, _("Choose a message first."))
    with transaction() as session:
        number = decide(session, current_campaign().id, chosen, to, was=was, actor=actor(), now=clock.now())
    if to is MessageState.PUBLISHED:
        flash(ngettext("%(num)s message was published.", "%(num)s messages were published.", number), "success")
    else:
        flash(ngettext("%(num)s message was refused.", "%(num)s messages were refused.", number), "success")
    if number < len(set(chosen)):
        flash(_("The others were left alone: somebody else decided about them, or the money went back."), "error")
    return redirect(url_for("admin.messages", slug=slug, state=was.value), 303)
