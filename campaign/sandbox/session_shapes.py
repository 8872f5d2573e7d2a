"""A Checkout session and its line items as API version 2026-10-28.endive shows them; see shapes.py."""

from typing import Any

from campaign.sandbox.store import Obj
from campaign.sandbox.world import new_id


def line_item(price: Obj, product: Obj, quantity: int) -> Obj:
    """A line of a session; its amounts are in minor units."""
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": {},
        "price": price,
        "quantity": quantity,
        # Stripe keeps this on the product; the hosted page shows it below the name.
        "_details": product["description"] or "",
    }


# Fields that are always there and here always null.
_UNUSED_BY_SESSIONS = dict.fromkeys(
    (
        "after_expiration",
        "allow_promotion_codes",
        "client_secret",
        "consent",
        "currency_conversion",
        "invoice",
        "payment_link",
        "recovered_from",
        "setup_intent",
        "shipping_address_collection",
        "shipping_cost",
        "subscription",
    )
)


def session(given: dict[str, Any], items: list[Obj], created: int) -> Obj:
    """An open Checkout session from checked parameters; address and times are set by checkout."""
    recurring = given.get("mode") == "subscription"
    total = sum(item["amount_total"] for item in items)
    return {
        "id": new_id("cs_test", 58),
        **_UNUSED_BY_SESSIONS,
        "object": "checkout.session",
        "adaptive_pricing": given.get("adaptive_pricing", {"enabled": True}),
        **dict.fromkeys(("amount_subtotal", "amount_total"), total),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": given.get("billing_address_collection"),
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "created": created,
        "currency": items[0]["currency"],
        "custom_fields": [],
        "custom_text": {"after_submit": None, "submit": given.get("custom_text", {}).get("submit")},
        "customer": given.get("customer"),
        "customer_creation": _customer_creation(given),
        "customer_details": None,
        "customer_email": given.get("customer_email"),
        "discounts": [],
        "expires_at": 0,
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": given.get("metadata", {}),
        "mode": given.get("mode", "payment"),
        "payment_intent": None,
        "payment_method_collection": "always" if recurring else "if_required",
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "submit_type": given.get("submit_type"),
        "success_url": given["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
        "_line_items": items,
        "_payment_intent_data": given.get("payment_intent_data", {}),
        "_subscription_data": given.get("subscription_data", {}),
    }


def _customer_creation(given: dict[str, Any]) -> str | None:
    if given.get("customer"):
        return None
    return "always" if given.get("mode") == "subscription" else given.get("customer_creation", "if_required")
