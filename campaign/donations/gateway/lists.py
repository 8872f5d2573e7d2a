"""Going through what Stripe has: events, movements of the balance, subscriptions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from campaign.donations.events import KNOWN_TYPES
from campaign.donations.gateway import wording
from campaign.donations.gateway.connection import Connection, GatewayRefused
from campaign.donations.gateway.webhooks import notice_of
from campaign.donations.standing import GiftWord, Movement, Notice

_MONEY = frozenset({"charge", "refund", "dispute"})


class Lists(Connection):
    """What goes through lists, page after page."""

    def notice(self, event_id: str) -> Notice | None:
        """The event of that id, which Stripe keeps for 30 days; None where there is none."""
        try:
            with self._asking():
                return notice_of(self._client.v1.events.retrieve(event_id).to_dict())
        except GatewayRefused as refused:
            if not refused.unknown:
                raise
        return None

    def notices_since(self, moment: datetime) -> Iterator[Notice]:
        """The events that concern us since a moment, newest first."""
        with self._asking():
            found = self._client.v1.events.list(
                {"created": {"gte": int(moment.timestamp())}, "types": sorted(KNOWN_TYPES), "limit": 100}
            )
            for event in found.auto_paging_iter():
                yield notice_of(event.to_dict())

    def movements_since(self, moment: datetime) -> Iterator[Movement]:
        """What moved the balance since a moment on behalf of donors, newest first; no payouts, no fees of Stripe's."""
        params: Any = {"created": {"gte": int(moment.timestamp())}, "expand": ["data.source"], "limit": 100}
        with self._asking():
            for movement in self._client.v1.balance_transactions.list(params).auto_paging_iter():
                source: Any = movement.source
                if getattr(source, "object", "") in _MONEY:
                    yield Movement(
                        balance_transaction=movement.id,
                        kind=source.object,
                        category=movement.reporting_category,
                        source=source.id,
                        payment_intent=wording.id_of(source.payment_intent) if source.payment_intent else None,
                        amount_minor=movement.amount,
                        currency=movement.currency.upper(),
                        at=wording.moment(movement.created),
                    )

    def subscriptions(self) -> Iterator[GiftWord]:
        """Every subscription there ever was."""
        with self._asking():
            found = self._client.v1.subscriptions.list({"status": "all", "limit": 100})
            for subscription in found.auto_paging_iter():
                yield wording.gift_word(subscription)
