"""Opening the hosted checkout, for a gift once or every month."""

from typing import Any

from campaign.core import clock
from campaign.donations.gateway.connection import Connection
from campaign.donations.gateway.wording import REFERENCE
from campaign.donations.models import Donation, DonationState, Frequency
from campaign.donations.standing import Standing


class Checkouts(Connection):
    """What opens checkouts."""

    def open_checkout(self, donation: Donation, *, title: str, return_url: str) -> Standing:
        """Open the hosted checkout of a stored donation; asked again with the same donation, gives the same one.

        After a 500 it may be another: nobody was ever told of the first, and it expires by itself.
        Raises AmountTooSmall, GatewayRefused, GatewayUnavailable.
        """
        asked_at = clock.now()
        params: Any = _params(donation, title, return_url)
        session = self._with_a_key(
            f"checkout-{donation.public_id}", lambda key: self._client.v1.checkout.sessions.create(params, key)
        )
        return Standing(
            donation=donation.public_id,
            state=DonationState.OPEN,
            asked_at=asked_at,
            checkout_session=session.id,
            checkout_url=session.url,
        )


def _params(donation: Donation, title: str, return_url: str) -> dict[str, Any]:
    """Our reference goes on the session and on what lives on: the payment intent, or the subscription."""
    monthly = donation.frequency is Frequency.MONTHLY
    metadata = {REFERENCE: donation.public_id}
    price: dict[str, Any] = {
        "currency": donation.currency.lower(),
        "unit_amount": donation.amount_minor,
        "product_data": {"name": title},
    }
    if monthly:
        price["recurring"] = {"interval": "month"}
    lasting = {"description": title, "metadata": metadata}
    return {
        "mode": "subscription" if monthly else "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": donation.public_id,
        "metadata": metadata,
        "customer_email": donation.email,
        "adaptive_pricing": {"enabled": False},  # what is charged is what was asked
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": return_url,
        "cancel_url": return_url,
        # A submit type is for one-off payments only.
        **({"subscription_data": lasting} if monthly else {"payment_intent_data": lasting, "submit_type": "donate"}),
    }
