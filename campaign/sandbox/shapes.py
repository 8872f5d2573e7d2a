"""Stripe's objects as API version 2026-10-28.endive shows them, as far as they are made here.

Every function builds a new object and stores nothing. Fields that this version took away
(``charge.invoice``, ``payment_intent.invoice``, ``payment_method_types`` as a choice) stay away.
"""

from typing import Any

from campaign.sandbox.cards import CardDetails
from campaign.sandbox.store import Obj
from campaign.sandbox.world import new_id

API_VERSION = "2026-10-28.endive"


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


def billing_details(email: str, name: str) -> Obj:
    """Who paid, as typed on the hosted page."""
    return {"address": None, "email": email, "name": name, "phone": None, "tax_id": None}


def payment_method(payer: Obj, card: CardDetails, created: int) -> Obj:
    """A card that was typed on a hosted page."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": payer,
        "card": card_of(card),
        "created": created,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def card_of(card: CardDetails) -> Obj:
    """The ``card`` part of a payment method."""
    return {
        "brand": card.brand,
        "checks": {"cvc_check": "pass"},
        "country": "GB",
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "funding": "credit",
        "last4": card.last4,
        "network": card.brand,
        "wallet": None,
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


def charge(intent: Obj, *, created: int, payer: Obj, card: CardDetails, charge_id: str = "") -> Obj:
    """A charge that succeeded and is not refunded; payments.py turns it into a failed one."""
    return {
        "id": charge_id or new_id("ch"),
        **_UNUSED_BY_CHARGES,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": payer,
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
        "payment_method_details": {"type": "card", "card": card_of(card)},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "status": "succeeded",
    }


def balance_transaction(source: Obj, *, kind: str, amount: int, fee: int, created: int, txn_id: str = "") -> Obj:
    """A movement of the balance: ``amount`` before, ``net`` after the fee, in minor units.

    An assumption of the sandbox: it settles at once and in the charge's own currency.
    """
    details = {
        "amount": fee,
        "application": None,
        "currency": source["currency"],
        "description": "Stripe processing fees",
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
        "reporting_category": kind,
        "source": source["id"],
        "status": "available",
        "type": kind,
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
        "destination_details": {
            "card": {
                "reference": None,
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": metadata,
        "payment_intent": paid["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(paid: Obj, *, created: int) -> Obj:
    """A cardholder's dispute of a whole charge, waiting for an answer."""
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": paid["amount"],
        "balance_transactions": [],
        "charge": paid["id"],
        "created": created,
        "currency": paid["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": created + 9 * 86400,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": paid["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }
