"""Subscriptions, invoices and what joins invoices to payments, as API version 2026-10-28.endive shows them.

That version has no ``subscription.current_period_end`` (the items have it), no ``invoice.subscription``
(``parent.subscription_details``), no ``invoice.charge`` or ``invoice.payment_intent`` (``/v1/invoice_payments``).
"""

from campaign.sandbox.shapes import list_of
from campaign.sandbox.store import Obj
from campaign.sandbox.world import new_id

_NO_TAX: Obj = {"disabled_reason": None, "enabled": False, "liability": None}
_UNUSED_BY_SUBSCRIPTIONS = dict.fromkeys(
    (
        "application",
        "application_fee_percent",
        "billing_cycle_anchor_config",
        "billing_thresholds",
        "cancel_at",
        "canceled_at",
        "customer_account",
        "days_until_due",
        "default_source",
        "ended_at",
        "latest_invoice",
        "next_pending_invoice_item_invoice",
        "on_behalf_of",
        "pause_collection",
        "pending_invoice_item_interval",
        "pending_setup_intent",
        "pending_update",
        "schedule",
        "test_clock",
        "transfer_data",
        "trial_end",
        "trial_start",
    )
)
_UNUSED_BY_INVOICES = dict.fromkeys(
    (
        "account_tax_ids",
        "application",
        "automatically_finalizes_at",
        "custom_fields",
        "customer_account",
        "customer_address",
        "customer_phone",
        "customer_shipping",
        "default_payment_method",
        "default_source",
        "description",
        "due_date",
        "effective_at",
        "ending_balance",
        "footer",
        "from_invoice",
        "hosted_invoice_url",
        "invoice_pdf",
        "last_finalization_error",
        "latest_revision",
        "next_payment_attempt",
        "number",
        "on_behalf_of",
        "receipt_number",
        "rendering",
        "shipping_cost",
        "shipping_details",
        "statement_descriptor",
        "test_clock",
        "webhooks_delivered_at",
    )
)
NO_CANCELLATION = {"comment": None, "feedback": None, "reason": None}


def subscription(*, customer: str, items: list[Obj], data: Obj, created: int) -> Obj:
    """A subscription whose first invoice is not paid yet; ``data`` is the session's ``subscription_data``."""
    subscription_id = new_id("sub")
    for item in items:
        item["subscription"] = subscription_id
    return {
        "id": subscription_id,
        **_UNUSED_BY_SUBSCRIPTIONS,
        "object": "subscription",
        "automatic_tax": _NO_TAX,
        "billing_cycle_anchor": created,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": created},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": NO_CANCELLATION,
        "collection_method": "charge_automatically",
        "created": created,
        "currency": items[0]["price"]["currency"],
        "customer": customer,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": data.get("description"),
        "discounts": [],
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": list_of(items, f"/v1/subscription_items?subscription={subscription_id}"),
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "start_date": created,
        "status": "incomplete",
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "_cycle": 0,
    }


def subscription_item(price: Obj, quantity: int, start: int, end: int) -> Obj:
    """One line of a subscription with its current period; ``subscription()`` puts itself in."""
    return {
        "id": new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": start,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": {},
        "price": price,
        "quantity": quantity,
        "subscription": "",
        "tax_rates": [],
    }


def invoice(subscription: Obj, customer: Obj, lines: list[Obj], *, reason: str, start: int, created: int) -> Obj:
    """A draft for a period of a subscription. ``start`` and ``created`` are the period that went before, as
    Stripe has it: what is charged for now stands in the lines' periods."""
    invoice_id = new_id("in")
    total = sum(line["amount"] for line in lines)
    for line in lines:
        line["invoice"] = invoice_id
    return {
        "id": invoice_id,
        **_UNUSED_BY_INVOICES,
        "object": "invoice",
        "account_country": "GB",
        "account_name": None,
        **dict.fromkeys(("amount_due", "amount_remaining", "subtotal", "total"), total),
        **dict.fromkeys(("subtotal_excluding_tax", "total_excluding_tax"), total),
        **dict.fromkeys(("amount_overpaid", "amount_paid", "amount_paid_off_stripe", "amount_shipping"), 0),
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {**_NO_TAX, "provider": None, "status": None},
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": created,
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "lines": list_of(lines, f"/v1/invoices/{invoice_id}/lines"),
        "livemode": False,
        "metadata": {},
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
            "type": "subscription_details",
        },
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": created,
        "period_start": start,
        **dict.fromkeys(("post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "starting_balance"), 0),
        "status": "draft",
        "status_transitions": dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")),
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def invoice_line(subscription: Obj, item: Obj, description: str) -> Obj:
    """What a subscription item costs for its current period; ``invoice()`` puts itself in."""
    price = item["price"]
    amount = price["unit_amount"] * item["quantity"]
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": subscription["metadata"],
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "subtotal": amount,
        "taxes": [],
    }


def invoice_payment(invoice: Obj, intent: Obj, created: int) -> Obj:
    """What joins an invoice to the payment intent that pays it."""
    return {
        "id": new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": created,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
