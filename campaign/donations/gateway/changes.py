"""What we ask Stripe to do: pay back, and change, pause, take up again or end a monthly gift.

Each call carries the key of the row that wants it: asked again after a time-out, Stripe does it once. After a 500 it is
asked under another key, so whoever tries a refund again must have looked first whether it was made.
"""

from typing import Any

from campaign.donations.gateway.connection import Connection
from campaign.donations.gateway.wording import REFUND_REFERENCE, id_of
from campaign.donations.models import ChangeKind, MonthlyGift, MonthlyGiftChange, Refund


class Changes(Connection):
    """What changes something at Stripe. What came of it is asked afterwards."""

    def pay_back(self, refund: Refund, payment_intent: str) -> None:
        """Refund a part of a payment, or all of it, at a further try only after a look whether it is made.

        Raises GatewayRefused, GatewayUnavailable.
        """
        params: Any = {
            "payment_intent": payment_intent,
            "amount": refund.amount_minor,
            "reason": "requested_by_customer",
            "metadata": {REFUND_REFERENCE: refund.public_id},
        }
        self._with_a_key(
            f"refund-{refund.public_id}", lambda key: self._client.v1.refunds.create(params, key), retries=0
        )

    def change_gift(self, gift: MonthlyGift, change: MonthlyGiftChange) -> None:
        """Do what somebody wants of a monthly gift. Raises GatewayRefused, GatewayUnavailable."""
        subscriptions, name = self._client.v1.subscriptions, gift.subscription
        if change.kind is ChangeKind.CANCEL:
            with self._asking():
                subscriptions.cancel(name)  # Stripe takes no key for it, and what has ended cannot be ended again
            return
        with self._asking():
            params: Any = self._params(gift, change)
        self._with_a_key(f"gift-{change.public_id}", lambda key: subscriptions.update(name, params, key))

    def _params(self, gift: MonthlyGift, change: MonthlyGiftChange) -> dict[str, Any]:
        if change.kind is ChangeKind.PAUSE:
            return {"pause_collection": {"behavior": "void"}}
        if change.kind is ChangeKind.RESUME:
            return {"pause_collection": ""}
        (item,) = self._client.v1.subscriptions.retrieve(gift.subscription).items.data[:1]
        price = {
            "currency": gift.currency.lower(),
            "product": id_of(item.price.product),
            "recurring": {"interval": "month"},
            "unit_amount": change.amount_minor,
        }
        # Nothing is charged or given back for the month that is under way.
        return {"items": [{"id": item.id, "price_data": price}], "proration_behavior": "none"}
