"""The filters of the moderators' list, as they stand in its address. The address names no person."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import request

from campaign.admin.access import current_campaign
from campaign.admin.figures import signature_counts
from campaign.admin.forms import language
from campaign.core.database import db
from campaign.core.errors import DomainError
from campaign.core.formatting import countries, country_codes
from campaign.core.networks import network_label
from campaign.core.paging import parse_cursor
from campaign.petitions.models import CommentState, Signal, SignatureState
from campaign.petitions.networks import find_network
from campaign.petitions.queue import Asked, Filters, Likeness, find_likenesses
from campaign.settings import current_settings

LONGEST_SEARCH = 254
MOST_LIKE = 50
_NAMES = ("state", "q", "flag", "source", "country", "comment", "since", "network", "like")


def asked() -> Asked:
    """The list that the address asks for."""
    return Asked(current_campaign().id, filters_of_request(), signature_counts(), current_settings().hash_key)


def filters_of_request() -> Filters:
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
        since=day_start(args.get("since", "")),
        network_hash=_network(args.get("network", "")),
        like=_likenesses(like_ids()),
    )


def like_ids() -> list[int]:
    """The signatures that those on the list are like."""
    ids = [parse_cursor(part) for part in request.args.get("like", "").split(",")[:MOST_LIKE]]
    return [row_id for row_id in ids if row_id is not None]


def query_of_request(without: str = "") -> dict[str, Any]:
    """The filters as they stand in the address, for links that keep them, but for one."""
    return query_of(request.args, without)


def query_of(values: Mapping[str, str], without: str = "") -> dict[str, Any]:
    """The filters that are set in an address or a form, but for one."""
    return {name: values[name] for name in _NAMES if values.get(name) and name != without}


def described(filters: Filters) -> dict[str, Any]:
    """The filters for the trail, which never holds an address or a name."""
    return {
        "state": filters.state.value if filters.state else None,
        "flag": filters.flag.value if filters.flag else None,
        "searched": bool(filters.search),
    }


def invalidation_query() -> dict[str, Any]:
    """The filters that are conditions too, as the page for rejecting by conditions is prepared with them."""
    renamed = {"flag": "signal"}
    names = ("state", "flag", "source", "country", "network")
    query = {renamed.get(name, name): request.args[name] for name in names if request.args.get(name)}
    if request.args.get("since") and day_start(request.args["since"]):
        query["since"] = f"{request.args['since']}T00:00"
    likenesses = _likenesses(like_ids()) or ()
    if len(likenesses) == 1:
        query["state"] = likenesses[0].state.value
        if likenesses[0].held_for:
            query["signal"] = likenesses[0].held_for.value
        if likenesses[0].network_hash:
            query["network"] = network_label(likenesses[0].network_hash)
    return query


def _network(label: str) -> str | None:
    """The hash that a label stands for; a label of no network, or of two, matches nobody."""
    if not label:
        return None
    try:
        return find_network(db.session(), current_campaign().id, label)
    except DomainError:
        return ""


def _likenesses(ids: list[int]) -> tuple[Likeness, ...] | None:
    if not ids:
        return None
    return tuple(dict.fromkeys(find_likenesses(db.session(), current_campaign().id, ids).values()))


def day_start(typed: str, days: int = 0) -> datetime | None:
    """The start of a day, or of one so many days later, where pages state times; None for what is no day."""
    try:
        day = date.fromisoformat(typed) + timedelta(days=days)
        return datetime.combine(day, time.min, current_settings().zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _countries_meant(search: str) -> tuple[str, ...]:
    """The code or the country that the whole of the text names, in the page's language or in English."""
    named = {name.casefold(): code for spoken in ("en", language()) for code, name in countries(spoken)}
    typed = search.casefold()
    codes = {named.get(typed), typed.upper() if typed.upper() in country_codes() else None}
    return tuple(sorted(code for code in codes if code))
