"""The moderators' list: what needs a person first. Decisions about what it shows are in `moderating.py`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.deeds import done_words, left_words
from campaign.admin.figures import awaiting_comments, limited, signature_counts
from campaign.admin.filters import described, filters_of_request, query_of_request
from campaign.admin.forms import language
from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.formatting import countries
from campaign.core.paging import parse_cursor
from campaign.petitions import queue, undoing
from campaign.petitions.models import CommentState, Signal, SignatureState
from campaign.petitions.moderation import ModerationAction
from campaign.settings import current_settings

UNDO_OFFERED = timedelta(hours=1)
TOLD = "decided"  # in the session: what the page after a decision tells, ids and numbers only


@bp.get("/campaigns/<slug>/signatures")
def signatures(slug: str) -> ResponseReturnValue:
    """One page of the list. It is a view of personal data in bulk, so the trail has it before it is shown."""
    return list_page(current_campaign(), told=session.pop(TOLD, None))


def list_page(
    found: Campaign,
    *,
    chosen: Sequence[int] = (),
    problem: str | None = None,
    told: dict[str, Any] | None = None,
) -> str:
    """The page for the filters in the address. `told` is what a decision came to: `left`, `gone` and `decision`."""
    filters, after = filters_of_request(), parse_cursor(request.args.get("after"))
    with transaction() as writing:
        record(
            writing, actor=actor(), action="signatures.viewed", object_type="campaign", object_id=found.slug,
            now=clock.now(), campaign_id=found.id, **described(filters),
        )  # fmt: skip
    page = queue.list_signatures(db.session(), found.id, filters, hash_key=current_settings().hash_key, after=after)
    query = query_of_request()
    return render_template(
        "admin/signatures.html",
        page=page,
        tabs=_tabs(found),
        filters=filters,
        flags=list(Signal),
        countries=countries(language()),
        query=urlencode(query),
        first_url=url_for("admin.signatures", slug=found.slug, **query) if after else None,
        next_url=url_for("admin.signatures", slug=found.slug, **query, after=page.next) if page.next else None,
        chosen=chosen,
        problem=problem,
        left=left_words(told or {}),
        last=_last_decision(found, told or {}),
    )


def _last_decision(found: Campaign, told: dict[str, Any]) -> dict[str, Any] | None:
    """What the person decided last here, while undoing it is at hand."""
    now = clock.now()
    decision = undoing.find_latest(db.session(), found.id, actor=actor(), now=now)
    if decision is None or decision.created_at < now - UNDO_OFFERED:
        return None
    words = done_words(ModerationAction(decision.action), decision.changed)
    return {"id": decision.id, "words": words, "at": decision.created_at, "fresh": told.get("decision") == decision.id}


def _tabs(found: Campaign) -> list[dict[str, Any]]:
    counts = signature_counts()
    names = {
        SignatureState.HELD: _("Needs a person"),
        SignatureState.PENDING: _("Waiting for email"),
        SignatureState.CONFIRMED: _("Counted"),
        SignatureState.INVALIDATED: _("Rejected"),
        SignatureState.WITHDRAWN: _("Removed on request"),
    }
    shown, reads_comments = request.args.get("state"), request.args.get("comment") == CommentState.AWAITING
    tabs: list[dict[str, Any]] = [
        {
            "label": name,
            "url": url_for("admin.signatures", slug=found.slug, state=state.value),
            "count": counts[state],
            "current": shown == state and not reads_comments,
        }
        for state, name in names.items()
    ]
    tabs.append(
        {
            "label": _("Comments to read"),
            "url": url_for("admin.signatures", slug=found.slug, comment=CommentState.AWAITING.value),
            "count": limited(awaiting_comments()),
            "current": reads_comments,
        }
    )
    everything = {"label": _("All"), "url": url_for("admin.signatures", slug=found.slug), "count": None}
    return [*tabs, everything | {"current": not shown and not reads_comments}]
