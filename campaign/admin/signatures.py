"""The moderators' list: what needs a person first. Decisions about what it shows are in `moderating.py`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.deeds import done_words, left_words, reject_reasons
from campaign.admin.figures import awaiting_comments, limited, signature_counts
from campaign.admin.filters import (
    LONGEST_SEARCH,
    asked,
    described,
    invalidation_query,
    like_ids,
    query_of,
    query_of_request,
)
from campaign.admin.forms import language
from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.formatting import countries
from campaign.core.http.headers import scripted
from campaign.core.paging import parse_cursor
from campaign.petitions import queue, undoing
from campaign.petitions.models import CommentState, Signal, SignatureState
from campaign.petitions.moderation import MOST_AT_ONCE, ModerationAction
from campaign.petitions.queue import Asked, QueuePage
from campaign.settings import current_settings

MOST_KINDS = 20  # counted for a page; of others only the next page says how many there are
UNDO_OFFERED = timedelta(hours=1)
TOLD = "decided"  # in the session: what the page after a decision tells, ids and numbers only


@bp.get("/campaigns/<slug>/signatures")
@scripted
def signatures(slug: str) -> ResponseReturnValue:
    """One page of the list. It is a view of personal data in bulk, so the trail has it before it is shown."""
    return list_page(current_campaign(), told=session.pop(TOLD, None))


@bp.post("/campaigns/<slug>/signatures/find")
def signatures_find(slug: str) -> ResponseReturnValue:
    """Lead to the list that the form asks for. An email address leads to its one signature: it stays out of any URL."""
    typed = " ".join(request.form.get("q", "").split())[:LONGEST_SEARCH]
    if "@" not in typed:
        return redirect(url_for("admin.signatures", slug=slug, **query_of(request.form)), 303)
    row_id = queue.find_by_address(db.session(), current_campaign().id, typed, hash_key=current_settings().hash_key)
    if row_id is not None:
        return redirect(url_for("admin.signatures_one", slug=slug, signature_id=row_id), 303)
    flash(_("No signature here has exactly that email address."), "error")
    return redirect(url_for("admin.signatures", slug=slug, **query_of(request.form, without="q")), 303)


def list_page(
    found: Campaign,
    *,
    chosen: Sequence[int] = (),
    problem: str | None = None,
    needs_reason: bool = False,
    told: dict[str, Any] | None = None,
    one: dict[str, Any] | None = None,
) -> str:
    """The page for the filters in the address. `told` is what a decision came to: `left`, `gone` and `decision`; `one`
    is the signature that is open beside the list.
    """
    wanted = asked()
    with transaction() as writing:
        record(
            writing, actor=actor(), action="signatures.viewed", object_type="campaign", object_id=found.slug,
            now=clock.now(), campaign_id=found.id, **described(wanted.filters),
        )  # fmt: skip
    return render_template(
        "admin/signatures.html",
        **_listed(found, wanted),
        chosen=chosen,
        problem=problem,
        needs_reason=needs_reason,
        one=one,
        today=clock.now(),
        left=left_words(told or {}),
        last=_last_decision(found, told or {}),
    )


def _listed(found: Campaign, wanted: Asked) -> dict[str, Any]:
    """Everything about the rows and the ways on from them."""
    after, before = parse_cursor(request.args.get("after")), parse_cursor(request.args.get("at")) or 0
    page = queue.list_signatures(db.session(), wanted, after=after)
    query = query_of_request()
    way_on = dict(query, after=page.next, at=before + len(page.items))
    return {
        "page": page,
        "signals": queue.list_signals(db.session(), [row.id for row in page.items]),
        "alike": _alike(found, [row.id for row in page.items if row.state is SignatureState.HELD]),
        "filters": wanted.filters,
        "since": request.args.get("since", "") if wanted.filters.since else "",
        "like": like_ids(),
        "tabs": _tabs(found),
        "flags": list(Signal),
        "countries": countries(language()),
        "sources": queue.list_sources(db.session(), found.id),
        "network": request.args.get("network", ""),
        "reasons": reject_reasons(),
        "query": urlencode(query),
        "here": urlencode(query | {name: request.args[name] for name in ("after", "at") if request.args.get(name)}),
        "position": _position(page, before if after else 0),
        "first_url": url_for("admin.signatures", slug=found.slug, **query) if after else None,
        "next_url": url_for("admin.signatures", slug=found.slug, **way_on) if page.next else None,
        "everything": _everything(found, wanted, page),
    }


def _alike(found: Campaign, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each of the signatures that waits for a person: which kind it is of, and how many there are of it."""
    kinds = queue.find_likenesses(db.session(), found.id, ids)
    different = list(dict.fromkeys(kinds.values()))[:MOST_KINDS]
    sizes = queue.count_alike(db.session(), found.id, different, most=MOST_AT_ONCE + 1)
    places = {row_id: different.index(kind) for row_id, kind in kinds.items() if kind in different}
    return {row_id: {"kind": place, "count": sizes[place]} for row_id, place in places.items()}


def _everything(found: Campaign, wanted: Asked, page: QueuePage) -> dict[str, Any]:
    """All that the filters leave: how many, and where to choose them all, or what stands for them once chosen."""
    if page.total is None or page.is_more or not query_of_request():
        return {}
    few = 0 < page.total <= MOST_AT_ONCE
    all_of_them = (
        queue.list_editions(db.session(), wanted, most=MOST_AT_ONCE) if few and "all" in request.values else None
    )
    return {
        "chosen": queue.sealed(all_of_them) if all_of_them else None,
        "url": url_for("admin.signatures", slug=found.slug, **query_of_request(), all=1) if few else None,
        "total": len(all_of_them) if all_of_them else page.total,
        "most": MOST_AT_ONCE if page.total > MOST_AT_ONCE and "all" in request.values else None,
        "by_conditions": url_for("admin.invalidations", slug=found.slug, **invalidation_query()),
    }


def _position(page: QueuePage, before: int) -> dict[str, Any]:
    """Which rows of how many the page shows; the total is None where nobody has counted."""
    first, last = before + 1, before + len(page.items)
    if page.total is not None and not page.is_more and page.next is None:
        first, last = page.total - len(page.items) + 1, page.total
    return {"first": first, "last": last, "total": page.total, "is_more": page.is_more}


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
