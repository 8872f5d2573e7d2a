"""Stripe's objects as API version 2026-10-28.endive shows them, as far as they are made here.

Every function builds a new object and stores nothing. Fields that this version took away
(``charge.invoice``, ``payment_intent.invoice``, ``payment_method_types`` as a choice) stay away.
"""

from typing import Any

from campaign.sandbox.methods import Payer
from campaign.sandbox.store import Obj
from campaign.sandbox.world import new_id

API_VERSION = "2026-10-28.endive"
EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
).split()


def list_of(items: list[Obj], url: str, has_more: bool = False) -> Obj:
    """A list object (docs.stripe.com/api/pagination)."""
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


def payment_intent(*, amount: int, currency: str, created: int, data: dict[str, Any], intent_id: str = "") -> Obj:
    """A payment intent that waits for a card; ``data`` is the session's payment_intent_data."""
    intent_id = intent_id or new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": created,
        "currency": currency,
        "customer": None,
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "receipt_email": data.get("receipt_email"),
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
    }


# Fields that are always there and here always null.
_UNUSED_BY_CHARGES = dict.fromkeys(
    (
        "failure_balance_transaction",
        "receipt_number",
        "receipt_url",
        "review",
        "shipping",
        "source_transfer",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    )
)


def charge(intent: Obj, payer: Payer, *, created: int, charge_id: str = "") -> Obj:
    """A charge that succeeded and is not refunded; payments.py turns it into another. What no card pays is ``py_…``."""
    return {
        "id": charge_id or new_id("ch" if payer.card else "py"),
        **_UNUSED_BY_CHARGES,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": payer.details(),
        "captured": True,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": payer.of_charge(),
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "status": "succeeded",
    }


def balance_transaction(
    source: Obj,
    *,
    kind: str,
    category: str = "",
    amount: int,
    fee: int,
    fee_description: str = "Stripe processing fees",
    created: int,
    txn_id: str = "",
) -> Obj:
    """A movement of the balance: ``amount`` before, ``net`` after the fee, in minor units. ``category`` names its
    reporting category where that is not ``kind``.

    An assumption of the sandbox: it settles at once and in the charge's own currency.
    """
    details = {
        "amount": fee,
        "application": None,
        "currency": source["currency"],
        "description": fee_description,
        "type": "stripe_fee",
    }
    return {
        "id": txn_id or new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": created,
        "balance_type": "payments",
        "created": created,
        "currency": source["currency"],
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [details] if fee else [],
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source["id"],
        "status": "available",
        "type": kind,
    }


# Where a refund goes. Only a card's bank gives a reference, later.
_TO_A_CARD = {
    "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
    "type": "card",
}


def refund(
    paid: Obj,
    *,
    amount: int,
    created: int,
    reason: str | None,
    metadata: dict[str, str],
    refund_id: str = "",
) -> Obj:
    """A refund of a charge to its card, done at once."""
    return {
        "id": refund_id or new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": paid["id"],
        "created": created,
        "currency": paid["currency"],
        **({"destination_details": _TO_A_CARD} if paid["payment_method_details"]["type"] == "card" else {}),
        "metadata": metadata,
        "payment_intent": paid["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(paid: Obj, *, amount: int, reason: str, inquiry: bool, created: int) -> Obj:
    """A cardholder's dispute of a charge, waiting for an answer."""
    brand = paid["payment_method_details"].get("card", {}).get("brand", "visa")
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": paid["id"],
        "created": created,
        "currency": paid["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": created + 9 * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": paid["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": brand,
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": brand,
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
