"""The API's calls about customers, subscriptions and invoices; see ``operations.py``."""

from typing import Any

from campaign.sandbox import customers, portal, subscriptions
from campaign.sandbox.catalogue_params import RECURRING_PRICE
from campaign.sandbox.errors import ApiError
from campaign.sandbox.lists import list_shape, page
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
from campaign.sandbox.shapes import list_of
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

_FEEDBACK = (
    "customer_service low_quality missing_features other switched_service too_complex too_expensive unused"
).split()
_CANCELLATION_DETAILS = Shape({"comment": Unsettable(Text()), "feedback": Unsettable(Choice(tuple(_FEEDBACK)))})
_CUSTOMER = {
    **EXPAND,
    "description": Text(),
    "email": Email(),
    "metadata": Metadata(unsets=True),
    "name": Text(256),
}
_SUBSCRIPTION_UPDATE = Shape(
    {
        **EXPAND,
        "cancel_at_period_end": Flag(),
        "cancellation_details": _CANCELLATION_DETAILS,
        "default_payment_method": Text(),
        "description": Unsettable(Text(500)),
        "items": ListOf(Shape({"id": Text(), "price_data": RECURRING_PRICE, "quantity": Whole(1)}, ("id",)), limit=20),
        "metadata": Metadata(unsets=True),
        "pause_collection": Unsettable(
            Shape(
                {"behavior": Choice(("keep_as_draft", "mark_uncollectible", "void")), "resumes_at": Whole()},
                ("behavior",),
            )
        ),
        "proration_behavior": Choice(("always_invoice", "create_prorations", "none")),
    }
)
_SUBSCRIPTION_CANCEL = Shape(
    {**EXPAND, "cancellation_details": _CANCELLATION_DETAILS, "invoice_now": Flag(), "prorate": Flag()}
)
_STATUSES = "active all canceled ended incomplete incomplete_expired past_due paused trialing unpaid".split()
_PAYMENT = Shape(
    {"payment_intent": Text(), "payment_record": Text(), "type": Choice(("payment_intent", "payment_record"))},
    ("type",),
)
RESOURCES = (
    Resource("/v1/customers", "customer", {"email": Text(512)}),
    Resource("/v1/payment_methods", "payment_method", {"customer": Text(), "type": Choice(("card",))}),
    Resource("/v1/products", "product", {"active": Flag()}),
    Resource("/v1/prices", "price", {"active": Flag(), "product": Text()}),
    Resource(
        "/v1/invoices",
        "invoice",
        {
            "customer": Text(),
            "status": Choice(("draft", "open", "paid", "uncollectible", "void")),
            "subscription": Text(),
        },
        paths={"subscription": "parent.subscription_details.subscription"},
    ),
)


_PORTAL_FLOW = Shape(
    {
        "subscription_cancel": Shape({"subscription": Text()}, ("subscription",)),
        "type": Choice(("payment_method_update", "subscription_cancel")),
    },
    ("type",),
)
_PORTAL = Shape(
    {
        **EXPAND,
        "customer": Text(),
        "flow_data": _PORTAL_FLOW,
        "locale": Choice(LOCALES),
        "return_url": WebAddress(),
    },
    ("customer",),
)


def operations() -> list[Operation]:
    """The calls that are more than retrieving and listing."""
    subscription = "/v1/subscriptions/<id>"
    return [
        Operation("POST", "/v1/customers", Shape(_CUSTOMER), _create_customer),
        Operation("POST", "/v1/customers/<id>", Shape(_CUSTOMER), _update_customer),
        Operation(
            "GET",
            "/v1/subscriptions",
            list_shape({"customer": Text(), "status": Choice(tuple(_STATUSES))}),
            _subscriptions,
        ),
        Operation("GET", subscription, EXPAND_ONLY, lambda world, given, ids: get(world, "subscription", ids["id"])),
        Operation("POST", subscription, _SUBSCRIPTION_UPDATE, _update_subscription),
        Operation("DELETE", subscription, _SUBSCRIPTION_CANCEL, _cancel_subscription),
        Operation(
            "GET",
            "/v1/invoice_payments",
            list_shape({"invoice": Text(), "payment": _PAYMENT, "status": Choice(("canceled", "open", "paid"))}),
            _invoice_payments,
        ),
        Operation(
            "GET",
            "/v1/invoice_payments/<id>",
            EXPAND_ONLY,
            lambda world, given, ids: get(world, "invoice_payment", ids["id"]),
        ),
        Operation("GET", "/v1/invoices/<id>/lines", list_shape({}), _invoice_lines),
        Operation(
            "POST", "/v1/billing_portal/sessions", _PORTAL, lambda world, given, ids: portal.create(world, given)
        ),
    ]


def _create_customer(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    metadata = {name: value for name, value in given.get("metadata", {}).items() if value}
    return customers.create(world, email=given.get("email"), name=given.get("name"), metadata=metadata)


def _update_customer(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    return customers.update(world, get(world, "customer", ids["id"]), given)


def _subscriptions(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    """Without ``status``, those that were not canceled; ``ended`` are all that are over."""
    status = given.get("status", "")
    conditions: list[tuple[str, Any]] = []
    if "customer" in given:
        conditions.append(("json_extract(body, '$.customer') = ?", given["customer"]))
    if status == "ended":
        conditions.append(("json_extract(body, '$.status') IN ('canceled', ?)", "incomplete_expired"))
    elif status not in ("", "all"):
        conditions.append(("json_extract(body, '$.status') = ?", status))
    elif not status:
        conditions.append(("json_extract(body, '$.status') <> ?", "canceled"))
    return page(world, "subscription", given, "/v1/subscriptions", conditions)


def _update_subscription(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    return subscriptions.update(world, get(world, "subscription", ids["id"]), given)


def _cancel_subscription(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    for name in ("invoice_now", "prorate"):
        if given.get(name):
            raise ApiError(f"This sandbox does not prorate: leave {name} out.", param=name)
    subscription = get(world, "subscription", ids["id"])
    details = given.get("cancellation_details")
    return subscriptions.cancel(world, subscription, reason="cancellation_requested", details=details)


def _invoice_payments(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    wanted = {
        "invoice": given.get("invoice"),
        "status": given.get("status"),
        "payment.type": given.get("payment", {}).get("type"),
        "payment.payment_intent": given.get("payment", {}).get("payment_intent"),
    }
    conditions = [(f"json_extract(body, '$.{name}') = ?", value) for name, value in wanted.items() if value]
    return page(world, "invoice_payment", given, "/v1/invoice_payments", conditions)


def _invoice_lines(world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
    """All lines at once: an invoice here has as many as its subscription has items."""
    invoice = get(world, "invoice", ids["id"])
    return list_of(invoice["lines"]["data"], f"/v1/invoices/{invoice['id']}/lines")
