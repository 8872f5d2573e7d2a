"""What we ask Stripe to do: pay back, and change, pause, take up again or end a monthly gift.

Each call carries the key of the row that wants it: asked again after a time-out, Stripe does it once.
"""

from typing import Any

from campaign.donations.gateway.connection import Connection
from campaign.donations.gateway.wording import REFUND_REFERENCE, id_of
from campaign.donations.models import ChangeKind, MonthlyGift, MonthlyGiftChange, Refund


class Changes(Connection):
    """What changes something at Stripe. What came of it is asked afterwards."""

    def pay_back(self, refund: Refund, payment_intent: str) -> None:
        """Refund a part of a payment, or all of it. Raises GatewayRefused, GatewayUnavailable."""
        with self._asking():
            self._client.v1.refunds.create(
                {
                    "payment_intent": payment_intent,
                    "amount": refund.amount_minor,
                    "reason": "requested_by_customer",
                    "metadata": {REFUND_REFERENCE: refund.public_id},
                },
                {"idempotency_key": f"refund-{refund.public_id}"},
            )

    def change_gift(self, gift: MonthlyGift, change: MonthlyGiftChange) -> None:
        """Do what somebody wants of a monthly gift. Raises GatewayRefused, GatewayUnavailable."""
        options: Any = {"idempotency_key": f"gift-{change.public_id}"}
        with self._asking():
            if change.kind is ChangeKind.CANCEL:
                self._client.v1.subscriptions.cancel(gift.subscription, {}, options)
            else:
                params: Any = self._params(gift, change)
                self._client.v1.subscriptions.update(gift.subscription, params, options)

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
