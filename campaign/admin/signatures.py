"""The moderators' list: what needs a person first, decisions in bulk, each with its reason and its trail."""

from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.figures import awaiting_comments, limited, signature_counts
from campaign.admin.forms import language
from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.formatting import countries, country_codes
from campaign.core.paging import parse_cursor
from campaign.petitions import queue
from campaign.petitions.models import CommentState, Signal, SignatureState
from campaign.petitions.moderation import ModerationAction, Outcome, ReasonMissing, moderate
from campaign.petitions.queue import Filters
from campaign.settings import current_settings

LONGEST_REASON = 500
LONGEST_SEARCH = 254
_FILTERS = ("state", "q", "flag", "source", "country", "comment")


@bp.get("/campaigns/<slug>/signatures")
def signatures(slug: str) -> ResponseReturnValue:
    """One page of the list. It is a view of personal data in bulk, so the trail has it before it is shown."""
    found = current_campaign()
    return _list_page(found)


def _list_page(found: Campaign, *, chosen: list[int] | None = None, problem: str | None = None) -> str:
    filters, after = _filters(), parse_cursor(request.args.get("after"))
    with transaction() as session:
        record(
            session, actor=actor(), action="signatures.viewed", object_type="campaign", object_id=found.slug,
            now=clock.now(), campaign_id=found.id, **_described(filters),
        )  # fmt: skip
    page = queue.list_signatures(db.session(), found.id, filters, hash_key=current_settings().hash_key, after=after)
    query = _query()
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
        chosen=chosen or [],
        problem=problem,
    )


@bp.post("/campaigns/<slug>/signatures/moderate")
def signatures_moderate(slug: str) -> ResponseReturnValue:
    """Carry out one decision about the chosen signatures."""
    found = current_campaign()
    action, ids = request.form.get("action", ""), _chosen()
    if action not in set(ModerationAction):
        abort(422, _("Use one of the buttons above the list."))
    if not ids:
        return _list_page(found, problem=_("Choose at least one signature.")), 422
    try:
        with transaction() as session:
            outcome = moderate(
                session,
                campaign_id=found.id,
                ids=ids,
                action=ModerationAction(action),
                reason=" ".join(request.form.get("reason", "").split())[:LONGEST_REASON],
                actor=actor(),
                now=clock.now(),
            )
    except ReasonMissing:
        problem = _("Write why you reject these signatures. The reason is kept, and how many were removed is public.")
        return _list_page(found, chosen=ids, problem=problem), 422
    flash(*_told(ModerationAction(action), outcome))
    return redirect(url_for("admin.signatures", slug=slug, **_query()), 303)


def _chosen() -> list[int]:
    return [row_id for row_id in map(parse_cursor, request.form.getlist("ids")) if row_id is not None]


def _told(action: ModerationAction, outcome: Outcome) -> tuple[str, str]:
    """What happened, in words, and the tone of it."""
    left = outcome.asked - outcome.changed
    if action is ModerationAction.RESEND:
        words = _("The mail goes again for %(changed)s of %(asked)s.", changed=outcome.changed, asked=outcome.asked)
        why = ngettext(
            "%(num)s gets none: one is on its way, the address had its three for today, or nothing waits for it.",
            "%(num)s get none: one is on its way, the address had its three for today, or nothing waits for it.",
            left,
        )
    else:
        words = _("%(changed)s of %(asked)s changed.", changed=outcome.changed, asked=outcome.asked)
        why = ngettext("%(num)s had changed meanwhile.", "%(num)s had changed meanwhile.", left)
    if left:
        words += f" {why}"
    return words, "error" if left else "success"


def _filters() -> Filters:
    """The filters in the address; what is no known value of one narrows nothing."""
    args = request.args
    search = " ".join(args.get("q", "").split())[:LONGEST_SEARCH]
    country = args.get("country", "").upper()
    return Filters(
        state=SignatureState(args["state"]) if args.get("state") in set(SignatureState) else None,
        search=search,
        countries=_countries_meant(search),
        flag=Signal(args["flag"]) if args.get("flag") in set(Signal) else None,
        source=args.get("source", "").strip()[:LONGEST_SEARCH],
        country=country if country in country_codes() else "",
        comment=CommentState(args["comment"]) if args.get("comment") in set(CommentState) else None,
    )


def _countries_meant(search: str) -> tuple[str, ...]:
    """The code or the country that the whole of the text names, in the page's language or in English."""
    named = {name.casefold(): code for spoken in ("en", language()) for code, name in countries(spoken)}
    typed = search.casefold()
    codes = {named.get(typed), typed.upper() if typed.upper() in country_codes() else None}
    return tuple(sorted(code for code in codes if code))


def _described(filters: Filters) -> dict[str, Any]:
    """The filters for the trail, which never holds an address or a name."""
    return {
        "state": filters.state.value if filters.state else None,
        "flag": filters.flag.value if filters.flag else None,
        "searched": bool(filters.search),
    }


def _query() -> dict[str, Any]:
    """The filters as they stand in the address, for links that keep them."""
    return {name: request.args[name] for name in _FILTERS if request.args.get(name)}


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
