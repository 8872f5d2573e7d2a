"""The customer portal: Stripe's own page, where a donor changes the card of a monthly gift."""

from campaign.donations.gateway.connection import Connection
from campaign.donations.models import MonthlyGift


class Portal(Connection):
    """What opens the portal. What somebody changes there comes back as events."""

    def open_portal(self, gift: MonthlyGift, *, return_url: str) -> str:
        """The address of a portal session for the gift's customer; Stripe lets it work for a short time.

        `return_url` stands on a page of Stripe's, so it must not be the key to anything. Raises GatewayRefused,
        GatewayUnavailable.
        """
        with self._asking():
            session = self._client.v1.billing_portal.sessions.create(
                {"customer": gift.customer, "return_url": return_url}
            )
        return session.url
