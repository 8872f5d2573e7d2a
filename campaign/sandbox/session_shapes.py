"""A Checkout session and its line items as API version 2026-10-28.endive shows them; see shapes.py."""

from typing import Any

from campaign.sandbox.store import Obj
from campaign.sandbox.world import new_id


def line_item(data: dict[str, Any], quantity: int, created: int) -> Obj:
    """A line of a session, from ``price_data``; its amounts are in minor units."""
    product = data["product_data"]
    amount = data["unit_amount"] * quantity
    price = {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": data["currency"],
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod", 14),
        "recurring": None,
        "tax_behavior": "unspecified",
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": data["currency"],
        "description": product["name"],
        "metadata": {},
        "price": price,
        "quantity": quantity,
        # Stripe keeps this on the product; the hosted page shows it below the name.
        "_details": product.get("description", ""),
    }


# Fields that are always there and here always null.
_UNUSED_BY_SESSIONS = dict.fromkeys(
    (
        "after_expiration",
        "allow_promotion_codes",
        "client_secret",
        "consent",
        "currency_conversion",
        "customer",
        "invoice",
        "payment_link",
        "presentment_details",
        "recovered_from",
        "setup_intent",
        "shipping_address_collection",
        "shipping_cost",
        "subscription",
    )
)


def session(given: dict[str, Any], items: list[Obj], created: int) -> Obj:
    """An open Checkout session from checked parameters; address and times are set by checkout."""
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
        "customer_creation": given.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": given.get("customer_email"),
        "discounts": [],
        "expires_at": 0,
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": given.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,
        "payment_method_collection": "if_required",
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
    }
