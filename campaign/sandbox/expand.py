"""From a stored object to what leaves: private notes off, ``expand[]`` followed.

docs.stripe.com/expand: ids of related objects become the objects, at most four levels deep, and
some parts are there only when asked for (a session's line items, a charge's refunds).
"""

from typing import Any

from campaign.sandbox.errors import ApiError
from campaign.sandbox.shapes import list_of
from campaign.sandbox.store import Obj, Store

_EXPANDABLE = {
    ("balance_transaction", "source"),
    ("charge", "balance_transaction"),
    ("charge", "payment_intent"),
    ("checkout.session", "payment_intent"),
    ("dispute", "charge"),
    ("dispute", "payment_intent"),
    ("payment_intent", "latest_charge"),
    ("refund", "balance_transaction"),
    ("refund", "charge"),
    ("refund", "payment_intent"),
}
_DEPTH = 4


def public(obj: Obj) -> Obj:
    """The object without the sandbox's own notes."""
    return {name: value for name, value in obj.items() if not name.startswith("_")}


def render(store: Store, obj: Obj, paths: list[str]) -> Obj:
    """The object, or list of objects, as the API shows it, with ``paths`` expanded.

    Raises ApiError for a path that cannot be expanded.
    """
    if obj["object"] == "list":
        inner = [path.removeprefix("data.") for path in paths]
        if any(not path.startswith("data.") for path in paths):
            raise _refusal(paths[0])
        return {**obj, "data": [render(store, item, inner) for item in obj["data"]]}
    shown = public(obj)
    for path in paths:
        parts = path.split(".")
        if len(parts) > _DEPTH:
            raise ApiError(f"You cannot expand more than {_DEPTH} levels of a property: {path}")
        _expand(store, obj, shown, parts, path)
    return shown


def _expand(store: Store, stored: Obj, shown: Obj, parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    included = _included(store, stored, name)
    if included is not None:
        shown.setdefault(name, included)
        return
    if (stored["object"], name) not in _EXPANDABLE:
        raise _refusal(path)
    value: Any = shown[name]
    if value is None:
        return
    if isinstance(value, str):
        value = shown[name] = public(store.find(value) or {"id": value, "object": "unknown"})
    if rest:
        _expand(store, store.find(value["id"]) or value, value, rest, path)


def _included(store: Store, stored: Obj, name: str) -> Obj | None:
    if (stored["object"], name) == ("checkout.session", "line_items"):
        url = f"/v1/checkout/sessions/{stored['id']}/line_items"
        return list_of([public(item) for item in stored["_line_items"]], url)
    if (stored["object"], name) == ("charge", "refunds"):
        refunds = store.select("refund", "json_extract(body, '$.charge') = ?", (stored["id"],))
        url = f"/v1/charges/{stored['id']}/refunds"
        return list_of([public(refund) for refund in refunds[:10]], url, len(refunds) > 10)
    return None


def _refusal(path: str) -> ApiError:
    return ApiError(f"This property cannot be expanded ({path}).", param="expand")
