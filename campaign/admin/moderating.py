"""Decisions about chosen signatures, and taking the last one back. One that nothing is left for answers 409."""

from flask import abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.deeds import MOST_TOLD
from campaign.admin.filters import query_of_request
from campaign.admin.signatures import TOLD, list_page
from campaign.core import clock
from campaign.core.database import transaction
from campaign.core.paging import parse_cursor
from campaign.petitions.moderation import MOST_AT_ONCE, ModerationAction, Outcome, ReasonMissing, TooMany, moderate
from campaign.petitions.undoing import AlreadyUndone, undo

LONGEST_REASON = 500


@bp.post("/campaigns/<slug>/signatures/moderate")
def signatures_moderate(slug: str) -> ResponseReturnValue:
    """Carry out one decision about the chosen signatures, as far as they stand as the list showed them."""
    found = current_campaign()
    action, chosen = request.form.get("action", ""), _chosen()
    if action not in set(ModerationAction):
        abort(422, _("Use one of the buttons above the list."))
    if not chosen:
        return list_page(found, problem=_("Choose at least one signature.")), 422
    try:
        with transaction() as writing:
            outcome = moderate(
                writing,
                campaign_id=found.id,
                ids=list(chosen),
                editions={row_id: edition for row_id, edition in chosen.items() if edition is not None},
                action=ModerationAction(action),
                reason=" ".join(request.form.get("reason", "").split())[:LONGEST_REASON],
                actor=actor(),
                now=clock.now(),
            )
    except ReasonMissing:
        problem = _("Write why you reject these signatures. The reason is kept, and how many were removed is public.")
        return list_page(found, chosen=list(chosen), problem=problem), 422
    except TooMany:
        problem = _("Choose at most %(most)s signatures for one decision.", most=MOST_AT_ONCE)
        return list_page(found, problem=problem), 422
    if action == ModerationAction.RESEND:
        flash(*_told_of_mail(outcome))
    elif not outcome.changed:
        problem = _("Nothing was changed: what you chose has moved on since the list was shown.")
        return list_page(found, problem=problem, told=_told(outcome)), 409
    else:
        session[TOLD] = _told(outcome)
    return redirect(url_for("admin.signatures", slug=slug, **query_of_request()), 303)


@bp.post("/campaigns/<slug>/signatures/undo")
def signatures_undo(slug: str) -> ResponseReturnValue:
    """Take back one's own decision, for what nobody has changed since."""
    found = current_campaign()
    decision_id = parse_cursor(request.form.get("decision"))
    if decision_id is None:
        abort(422, _("Use the button beside your last decision."))
    try:
        with transaction() as writing:
            outcome = undo(writing, decision_id, campaign_id=found.id, actor=actor(), now=clock.now())
    except AlreadyUndone:
        return list_page(found, problem=_("Nothing was changed: you had undone this before.")), 409
    if not outcome.changed:
        problem = _("Nothing was undone: it has all been changed again since you decided.")
        return list_page(found, problem=problem, told=_told(outcome)), 409
    words = ngettext("Undone. %(num)s is back as it was.", "Undone. %(num)s are back as they were.", outcome.changed)
    flash(words, "success")
    session[TOLD] = _told(outcome)
    return redirect(url_for("admin.signatures", slug=slug, **query_of_request()), 303)


def _chosen() -> dict[int, int | None]:
    """What was ticked: id → the edition that the list showed, or None for a plain id."""
    chosen: dict[int, int | None] = {}
    for value in request.form.getlist("ids"):
        row_id, _dot, edition = value.partition(".")
        if (number := parse_cursor(row_id)) is not None:
            chosen[number] = parse_cursor(edition)
    return chosen


def _told(outcome: Outcome) -> dict[str, object]:
    """For the session, which the browser keeps: numbers only."""
    return {
        "decision": outcome.decision_id,
        "left": list(outcome.left_alone[:MOST_TOLD]),
        "more": max(0, len(outcome.left_alone) - MOST_TOLD),
        "gone": outcome.asked - outcome.changed - len(outcome.left_alone),
    }


def _told_of_mail(outcome: Outcome) -> tuple[str, str]:
    """What became of sending the mail again, in words, and the tone of it."""
    words = _("The mail goes again for %(changed)s of %(asked)s.", changed=outcome.changed, asked=outcome.asked)
    left = outcome.asked - outcome.changed
    if left:
        why = ngettext(
            "%(num)s gets none: one is on its way, the address had its three for today, or nothing waits for it.",
            "%(num)s get none: one is on its way, the address had its three for today, or nothing waits for it.",
            left,
        )
        words += f" {why}"
    return words, "error" if left else "success"
