"""From a stored object to what leaves: private notes off, ``expand[]`` followed.

docs.stripe.com/expand: ids of related objects become the objects, at most four levels deep, and
some parts are there only when asked for (a session's line items, a charge's refunds).
"""

import copy
from typing import Any

from campaign.sandbox.errors import ApiError
from campaign.sandbox.shapes import list_of
from campaign.sandbox.store import Obj, Store

_EXPANDABLE = {
    "balance_transaction": ("source",),
    "charge": ("balance_transaction", "customer", "payment_intent"),
    "checkout.session": ("customer", "invoice", "payment_intent", "subscription"),
    "dispute": ("charge", "payment_intent"),
    "invoice": ("customer", "parent.subscription_details.subscription"),
    "invoice_payment": ("invoice", "payment.payment_intent"),
    "payment_intent": ("customer", "latest_charge", "payment_method"),
    "payment_method": ("customer",),
    "price": ("product",),
    "radar.early_fraud_warning": ("charge", "payment_intent"),
    "refund": ("balance_transaction", "charge", "failure_balance_transaction", "payment_intent"),
    "subscription": ("customer", "default_payment_method", "latest_invoice"),
}
_RELATED = {
    ("charge", "refunds"): ("refund", "charge", "/v1/charges/{}/refunds"),
    ("invoice", "payments"): ("invoice_payment", "invoice", "/v1/invoice_payments?invoice={}"),
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
    shown = copy.deepcopy(obj) if paths else obj
    for path in paths:
        parts = path.split(".")
        if len(parts) - parts.count("data") > _DEPTH:
            raise ApiError(f"You cannot expand more than {_DEPTH} levels of a property: {path}")
        _expand(store, shown, parts, path)
    return public(shown)


def _expand(store: Store, obj: Obj, parts: list[str], path: str) -> None:
    """Follow ``parts`` from an object: through groups of fields and lists inside it, to the next object."""
    node, passed = obj, ""
    for index, part in enumerate(parts):
        rest = parts[index + 1 :]
        if not passed and (listed := _included(store, obj, part)):
            node[part] = node.get(part) or listed
        value: Any = node.get(part)
        name = f"{passed}{part}"
        if part == "data" and isinstance(value, list):
            for item in value:
                _expand(store, item, rest, path)
            return
        if name in _EXPANDABLE.get(obj["object"], ()):
            _follow(store, node, part, rest, path)
            return
        if not isinstance(value, dict) or not (rest or value.get("object") == "list"):
            raise _refusal(path)
        node, passed = value, f"{name}."
        if value.get("object") not in (None, "list"):
            _expand(store, value, rest, path)
            return


def _follow(store: Store, node: Obj, part: str, rest: list[str], path: str) -> None:
    """Put the object where its id stands, and go on from there."""
    value = node.get(part)
    if isinstance(value, str):
        value = node[part] = public(store.find(value) or {"id": value, "object": "unknown"})
    if rest and value:
        _expand(store, value, rest, path)


def _included(store: Store, stored: Obj, name: str) -> Obj | None:
    """A list that is shown only when asked for."""
    if (stored["object"], name) == ("checkout.session", "line_items"):
        url = f"/v1/checkout/sessions/{stored['id']}/line_items"
        return list_of([public(item) for item in stored["_line_items"]], url)
    if (stored["object"], name) in _RELATED:
        kind, field, url = _RELATED[stored["object"], name]
        found = store.select(kind, f"json_extract(body, '$.{field}') = ?", (stored["id"],))
        return list_of([public(item) for item in found[:10]], url.format(stored["id"]), len(found) > 10)
    return None


def _refusal(path: str) -> ApiError:
    return ApiError(f"This property cannot be expanded ({path}).", param="expand")
