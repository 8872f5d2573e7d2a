"""Decisions about chosen signatures, and taking the last one back. One that nothing is left for answers 409."""

from flask import abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.deeds import MOST_TOLD, reject_reasons
from campaign.admin.filters import asked, query_of_request
from campaign.admin.signatures import TOLD, list_page
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.headers import scripted
from campaign.core.paging import parse_cursor
from campaign.petitions import queue
from campaign.petitions.models import RemovalReason
from campaign.petitions.moderation import MOST_AT_ONCE, ModerationAction, Outcome, ReasonMissing, TooMany, moderate
from campaign.petitions.queue import Asked
from campaign.petitions.undoing import AlreadyUndone, undo

LONGEST_REASON = 500


class _OthersNow(Exception):
    """All that match were chosen, and they are no longer those that were shown."""


@bp.post("/campaigns/<slug>/signatures/moderate")
@scripted
def signatures_moderate(slug: str) -> ResponseReturnValue:
    """Carry out one decision about the chosen signatures, as far as they stand as the list showed them."""
    found, action, chosen = current_campaign(), request.form.get("action", ""), _chosen()
    if action not in set(ModerationAction):
        abort(422, _("Use one of the buttons above the list."))
    if not chosen and "all" not in request.form:
        return list_page(found, problem=_("Choose at least one signature.")), 422
    try:
        outcome = _decide(ModerationAction(action), chosen, asked())
    except ReasonMissing:
        problem = _("Write why you reject these signatures. The reason is kept, and how many were removed is public.")
        return list_page(found, chosen=list(chosen), problem=problem, needs_reason=True), 422
    except TooMany:
        problem = _("Choose at most %(most)s signatures for one decision.", most=MOST_AT_ONCE)
        return list_page(found, problem=problem), 422
    except _OthersNow:
        problem = _("Nothing was changed: what matches has moved on since the list was shown. Look at it once more.")
        return list_page(found, problem=problem), 409
    if action == ModerationAction.RESEND:
        flash(*_told_of_mail(outcome))
    elif not outcome.changed:
        problem = _("Nothing was changed: what you chose has moved on since the list was shown.")
        return list_page(found, problem=problem, told=_told(outcome)), 409
    else:
        session[TOLD] = _told(outcome)
    return redirect(url_for("admin.signatures", slug=slug, **query_of_request(without="like")), 303)


@bp.post("/campaigns/<slug>/signatures/like")
def signatures_like(slug: str) -> ResponseReturnValue:
    """Lead to all signatures that are like the chosen ones, with all of them chosen. Decides nothing."""
    found, query = current_campaign(), query_of_request(without="like")
    alike = queue.find_likenesses(db.session(), found.id, list(_chosen()))
    one_of_each = {likeness: row_id for row_id, likeness in alike.items()}
    if not one_of_each:
        flash(_("Choose signatures that wait for the same reason, or came from the same network."), "error")
        return redirect(url_for("admin.signatures", slug=slug, **query), 303)
    query["like"] = ",".join(str(row_id) for row_id in sorted(one_of_each.values()))
    return redirect(url_for("admin.signatures", slug=slug, **query, all=1), 303)


@bp.post("/campaigns/<slug>/signatures/undo")
@scripted
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


def _decide(action: ModerationAction, chosen: dict[int, int | None], wanted: Asked) -> Outcome:
    reason = " ".join(request.form.get("reason", "").split())[:LONGEST_REASON]
    with transaction() as writing:
        if "all" in request.form:
            chosen = _all_as_shown(writing, wanted)
        return moderate(
            writing,
            campaign_id=wanted.campaign_id,
            ids=list(chosen),
            editions={row_id: edition for row_id, edition in chosen.items() if edition is not None},
            action=action,
            reason=reason,
            removal_reason=reject_reasons().get(reason, RemovalReason.CHECKED),
            actor=actor(),
            now=clock.now(),
        )


def _all_as_shown(writing: Session, wanted: Asked) -> dict[int, int | None]:
    """All that the filters leave. Raises _OthersNow where they are not those, or not as, the page showed them."""
    found = queue.list_editions(writing, wanted, most=MOST_AT_ONCE)
    if not found or queue.sealed(found) != request.form["all"]:
        raise _OthersNow
    return dict(found)


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
