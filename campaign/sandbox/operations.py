"""The API's calls: which parameters each takes and what it does. HTTP is in ``api.py``."""

import json
from typing import Any

from campaign.sandbox import billing_operations, checkout, disputes, refunds
from campaign.sandbox.catalogue_params import PRICE
from campaign.sandbox.errors import ApiError, missing
from campaign.sandbox.lists import list_shape, page
from campaign.sandbox.money import Currency
from campaign.sandbox.operation import EXPAND, EXPAND_ONLY, Operation, Resource, get
from campaign.sandbox.params import (
    LOCALES,
    Choice,
    Email,
    Flag,
    ListOf,
    Metadata,
    Shape,
    Text,
    Unsettable,
    WebAddress,
    Whole,
)
from campaign.sandbox.shapes import EVIDENCE, list_of
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

_EVENTS_KEPT_FOR = 30 * 86400


SESSION = Shape(
    {
        **EXPAND,
        "adaptive_pricing": Shape({"enabled": Flag()}),
        "billing_address_collection": Choice(("auto", "required")),
        "cancel_url": WebAddress(),
        "client_reference_id": Text(200),
        "custom_text": Shape({"submit": Shape({"message": Text(1200)}, ("message",))}),
        "customer": Text(),
        "customer_creation": Choice(("always", "if_required")),
        "customer_email": Email(),
        "expires_at": Whole(),
        "line_items": ListOf(Shape({"price_data": PRICE, "quantity": Whole(1)}, ("price_data",))),
        "locale": Choice(LOCALES),
        "metadata": Metadata(),
        "mode": Choice(("payment", "setup", "subscription")),
        "payment_intent_data": Shape({"description": Text(1000), "metadata": Metadata(), "receipt_email": Email()}),
        "subscription_data": Shape({"description": Text(500), "metadata": Metadata()}),
        "submit_type": Choice(("auto", "book", "donate", "pay", "subscribe")),
        "success_url": WebAddress(),
        "ui_mode": Choice(("elements", "embedded_page", "form", "hosted_page")),
    },
    ("mode", "line_items", "success_url"),
)
REFUND = Shape(
    {
        **EXPAND,
        "amount": Whole(1),
        "charge": Text(),
        "metadata": Metadata(),
        "payment_intent": Text(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
    }
)
DISPUTE = Shape(
    {
        **EXPAND,
        "evidence": Shape({name: Unsettable(Text(150_000)) for name in EVIDENCE}),
        "metadata": Metadata(unsets=True),
        "submit": Flag(),
    }
)
RESOURCES = (
    Resource(
        "/v1/checkout/sessions",
        "checkout.session",
        {
            "customer": Text(),
            "payment_intent": Text(),
            "status": Choice(("complete", "expired", "open")),
            "subscription": Text(),
        },
    ),
    Resource("/v1/payment_intents", "payment_intent", {"customer": Text()}),
    Resource("/v1/charges", "charge", {"customer": Text(), "payment_intent": Text()}),
    Resource(
        "/v1/balance_transactions",
        "balance_transaction",
        {"currency": Currency(), "source": Text(), "type": Text()},
    ),
    Resource("/v1/refunds", "refund", {"charge": Text(), "payment_intent": Text()}),
    Resource("/v1/disputes", "dispute", {"charge": Text(), "payment_intent": Text()}),
    Resource(
        "/v1/radar/early_fraud_warnings",
        "radar.early_fraud_warning",
        {"charge": Text(), "payment_intent": Text()},
    ),
)


def operations() -> list[Operation]:
    """Every call of the API."""
    found = [
        Operation("POST", "/v1/checkout/sessions", SESSION, _create_session),
        Operation("POST", "/v1/checkout/sessions/<id>/expire", EXPAND_ONLY, _expire_session),
        Operation(
            "GET",
            "/v1/checkout/sessions/<id>/line_items",
            Shape({**EXPAND, "limit": Whole(1, 100), "starting_after": Text()}),
            _line_items,
        ),
        Operation("POST", "/v1/refunds", REFUND, _create_refund),
        Operation("POST", "/v1/refunds/<id>", Shape({**EXPAND, "metadata": Metadata(unsets=True)}), _update_refund),
        Operation("POST", "/v1/disputes/<id>", DISPUTE, _update_dispute),
        Operation("POST", "/v1/disputes/<id>/close", EXPAND_ONLY, _close_dispute),
        Operation("GET", "/v1/events/<id>", EXPAND_ONLY, _retrieve_event),
        Operation(
            "GET",
            "/v1/events",
            list_shape({"type": Text(), "types": ListOf(Text(), limit=20)}),
            _list_events,
        ),
    ]
    found += billing_operations.operations()
    for resource in (*RESOURCES, *billing_operations.RESOURCES):
        found += resource.operations()
    return found


def _create_session(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    if not given["line_items"]:
        raise ApiError("line_items must not be empty.", code="parameter_missing", param="line_items")
    return checkout.create(world, given)


def _expire_session(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    return checkout.expire(world, get(world, "checkout.session", ids["id"]))


def _line_items(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    session = get(world, "checkout.session", ids["id"])
    items: list[Obj] = session["_line_items"]
    if after := given.get("starting_after"):
        names = [item["id"] for item in items]
        if after not in names:
            raise missing("item", after, status=400, param="starting_after")
        items = items[names.index(after) + 1 :]
    limit = given.get("limit", 10)
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return list_of(items[:limit], url, has_more=len(items) > limit)


def _create_refund(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    paid = refunds.charge_to_refund(world.store, given.get("charge"), given.get("payment_intent"))
    return refunds.create(
        world,
        paid,
        amount=given.get("amount"),
        reason=given.get("reason"),
        metadata=given.get("metadata", {}),
    )


def _update_refund(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    refund = get(world, "refund", ids["id"])
    return refunds.update_metadata(world, refund, given.get("metadata", {}))


def _update_dispute(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    return disputes.update(world, get(world, "dispute", ids["id"]), given)


def _close_dispute(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    """Closing one is giving it up."""
    return disputes.close(world, get(world, "dispute", ids["id"]), won=False)


def _retrieve_event(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    event = get(world, "event", ids["id"])
    if event["created"] < world.now() - _EVENTS_KEPT_FOR:
        raise missing("event", ids["id"])
    return event


def _list_events(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    """Events of the last 30 days; ``type`` may end in ``*`` for a whole family."""
    conditions: list[tuple[str, Any]] = [("created >= ?", world.now() - _EVENTS_KEPT_FOR)]
    if "type" in given and "types" in given:
        raise ApiError("You may only specify one of these parameters: type, types.")
    if "type" in given:
        conditions.append(("json_extract(body, '$.type') GLOB ?", given["type"]))
    if "types" in given:
        wanted = json.dumps(given["types"])
        conditions.append(("json_extract(body, '$.type') IN (SELECT value FROM json_each(?))", wanted))
    return page(world, "event", given, "/v1/events", conditions)
