"""Customers and their cards (docs.stripe.com/api/customers, …/payment_methods)."""

import secrets
import string
from typing import Any

from campaign.sandbox.events import change, emit
from campaign.sandbox.params import merged_metadata
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World, new_id

_DEFAULT_METHOD = "default_payment_method"


def create(world: World, *, email: str | None, name: str | None, metadata: dict[str, str] | None = None) -> Obj:
    """Store a new customer."""
    customer: Obj = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": world.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": email,
        "invoice_prefix": "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(8)),
        "invoice_settings": {
            "custom_fields": None,
            _DEFAULT_METHOD: None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": metadata or {},
        "name": name,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    world.store.add(customer)
    emit(world, "customer.created", customer)
    return customer


def update(world: World, customer: Obj, given: dict[str, Any]) -> Obj:
    """Change what was given; metadata is merged."""
    fields: Obj = {name: given[name] for name in ("email", "name", "description") if name in given}
    if "metadata" in given:
        fields["metadata"] = merged_metadata(customer["metadata"], given["metadata"])
    change(world, "customer.updated", customer, **fields)
    return customer


def attach(world: World, customer: Obj, method: Obj) -> None:
    """Keep a payment method for a customer's later payments."""
    method["customer"] = customer["id"]
    world.store.save(method)
    emit(world, "payment_method.attached", method)


def next_invoice_number(world: World, customer: Obj) -> str:
    """The number of the customer's next invoice, such as ``A1B2C3D4-0001``."""
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    world.store.save(customer)
    return number
