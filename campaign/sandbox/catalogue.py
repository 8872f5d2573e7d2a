"""Products and prices; here they come only from ``price_data``, with the session or change that names them."""

from typing import Any

from campaign.sandbox.errors import missing
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World, new_id


def price(data: dict[str, Any], product: str, created: int) -> Obj:
    """A price from ``price_data``. As at Stripe it cannot be used again: it is not active."""
    recurring = data.get("recurring")
    return {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": data["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product,
        "recurring": recurring_of(recurring) if recurring else None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }


def recurring_of(given: dict[str, Any]) -> Obj:
    """The ``recurring`` part of a price."""
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": None,
        "usage_type": "licensed",
    }


def product(data: dict[str, Any], created: int) -> Obj:
    """A product from ``product_data``."""
    return {
        "id": new_id("prod", 14),
        "object": "product",
        "active": False,
        "created": created,
        "default_price": None,
        "description": data.get("description"),
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": data.get("metadata", {}),
        "name": data["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "unit_label": None,
        "updated": created,
        "url": None,
    }


def price_of_existing(world: World, data: dict[str, Any], param: str) -> Obj:
    """A new price of the product that ``price_data[product]`` names; stored. Raises ApiError."""
    if not world.store.find(data["product"], "product"):
        raise missing("product", data["product"], status=400, param=f"{param}[product]")
    made = price(data, data["product"], world.now())
    world.store.add(made)
    return made


def store(world: World, data: dict[str, Any]) -> tuple[Obj, Obj]:
    """Store the price and the product that ``price_data`` with ``product_data`` describes; returns both."""
    made_product = product(data["product_data"], world.now())
    made_price = price(data, made_product["id"], world.now())
    world.store.add(made_product)
    world.store.add(made_price)
    return made_price, made_product
