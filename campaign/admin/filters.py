"""The filters of the moderators' list, as they stand in its address."""

from typing import Any

from flask import request

from campaign.admin.forms import language
from campaign.core.formatting import countries, country_codes
from campaign.petitions.models import CommentState, Signal, SignatureState
from campaign.petitions.queue import Filters

LONGEST_SEARCH = 254
_NAMES = ("state", "q", "flag", "source", "country", "comment")


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
    )


def query_of_request() -> dict[str, Any]:
    """The filters as they stand in the address, for links that keep them."""
    return {name: request.args[name] for name in _NAMES if request.args.get(name)}


def described(filters: Filters) -> dict[str, Any]:
    """The filters for the trail, which never holds an address or a name."""
    return {
        "state": filters.state.value if filters.state else None,
        "flag": filters.flag.value if filters.flag else None,
        "searched": bool(filters.search),
    }


def _countries_meant(search: str) -> tuple[str, ...]:
    """The code or the country that the whole of the text names, in the page's language or in English."""
    named = {name.casefold(): code for spoken in ("en", language()) for code, name in countries(spoken)}
    typed = search.casefold()
    codes = {named.get(typed), typed.upper() if typed.upper() in country_codes() else None}
    return tuple(sorted(code for code in codes if code))
