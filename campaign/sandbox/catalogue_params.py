"""The parameters of prices made on the spot."""

from campaign.sandbox.money import MAXIMUM, Currency
from campaign.sandbox.params import Choice, Field, Metadata, Shape, Text, Whole
from campaign.sandbox.periods import INTERVALS

_PRODUCT = Shape({"name": Text(250), "description": Text(), "metadata": Metadata()}, ("name",))
_RECURRING = Shape({"interval": Choice(INTERVALS), "interval_count": Whole(1, 36)}, ("interval",))
_AMOUNT: dict[str, Field] = {"currency": Currency(), "unit_amount": Whole(0, MAXIMUM * 100)}
# In a Checkout session.
PRICE = Shape(
    {**_AMOUNT, "product_data": _PRODUCT, "recurring": _RECURRING}, ("currency", "unit_amount", "product_data")
)
# In a change of a subscription, where the product must exist.
RECURRING_PRICE = Shape(
    {**_AMOUNT, "product": Text(), "recurring": _RECURRING}, ("currency", "product", "recurring", "unit_amount")
)
