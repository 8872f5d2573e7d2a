"""The customer portal: its sessions, and what a customer may do there (docs.stripe.com/customer-management).

It stands as an account that never changed the portal's settings would have it: cards may be changed, and a
subscription be cancelled for the end of its period. A link works for an hour.
"""

from typing import Any

from campaign.sandbox import cards, customers, subscriptions
from campaign.sandbox.cards import Behaviour
from campaign.sandbox.errors import ApiError, missing
from campaign.sandbox.events import change
from campaign.sandbox.methods import Payer, payment_method
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World, new_id

WORKS_FOR = 3600
_FLOWS = ("customer_update", "subscription_cancel", "subscription_update", "subscription_update_confirm")


def create(world: World, given: dict[str, Any]) -> Obj:
    """Open a session for a customer from checked parameters. Raises ApiError."""
    if not world.store.find(given["customer"], "customer"):
        raise missing("customer", given["customer"], status=400, param="customer")
    token = new_id("test", 48)
    session: Obj = {
        "id": new_id("bps"),
        "object": "billing_portal.session",
        "configuration": "bpc_" + "0" * 24,
        "created": world.now(),
        "customer": given["customer"],
        "customer_account": None,
        "flow": _flow(world, given),
        "livemode": False,
        "locale": given.get("locale"),
        "on_behalf_of": None,
        "return_url": given.get("return_url"),
        "url": f"{world.config.public_url}/p/session/{token}",
        "_token": token,
    }
    world.store.add(session)
    return session


def _flow(world: World, given: dict[str, Any]) -> Obj | None:
    wanted = given.get("flow_data")
    if not wanted:
        return None
    details = wanted.get("subscription_cancel")
    if (wanted["type"] == "subscription_cancel") != bool(details):
        raise ApiError("flow_data[subscription_cancel] goes with type subscription_cancel.", param="flow_data")
    if details and not _own(world, given["customer"], details["subscription"]):
        raise missing("subscription", details["subscription"], status=400, param="flow_data")
    return {
        "after_completion": {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"},
        **dict.fromkeys(_FLOWS),
        "type": wanted["type"],
        **({"subscription_cancel": {"retention": None, **details}} if details else {}),
    }


def find(world: World, token: str) -> Obj | None:
    """The session behind a link, while it works."""
    found = world.store.select("billing_portal.session", "json_extract(body, '$._token') = ?", (token,))
    return found[0] if found and found[0]["created"] + WORKS_FOR > world.now() else None


def subscriptions_of(world: World, session: Obj) -> list[Obj]:
    """The customer's subscriptions that go on or wait for a payment."""
    found = world.store.select("subscription", "json_extract(body, '$.customer') = ?", (session["customer"],))
    return [each for each in found if each["status"] not in (*subscriptions.ENDED, "incomplete")]


def invoices_of(world: World, session: Obj) -> list[Obj]:
    """The customer's latest invoices."""
    return world.store.select("invoice", "json_extract(body, '$.customer') = ?", (session["customer"],), limit=24)


def _own(world: World, customer: str, subscription_id: str) -> Obj | None:
    subscription = world.store.find(subscription_id, "subscription")
    owned = subscription and subscription["customer"] == customer and subscription["status"] not in subscriptions.ENDED
    return subscription if owned else None


def set_cancelled(world: World, session: Obj, subscription_id: str, *, wanted: bool) -> Obj | None:
    """Cancel a subscription for the end of its period, or take that back; None when it is not the customer's."""
    subscription = _own(world, session["customer"], subscription_id)
    if subscription:
        subscriptions.update(world, subscription, {"cancel_at_period_end": wanted})
    return subscription


def own_subscription(world: World, session: Obj, subscription_id: str) -> Obj | None:
    """A subscription of the session's customer that has not ended."""
    return _own(world, session["customer"], subscription_id)


def card_of(world: World, subscription: Obj) -> Obj | None:
    """The card that a subscription is charged to."""
    method = world.store.find(subscription["default_payment_method"] or "", "payment_method")
    return method["card"] if method else None


def set_card(world: World, session: Obj, payer: Payer, behaviour: Behaviour, *, attaches: bool) -> str:
    """Charge another card from now on; returns what the bank says against it, empty when nothing.

    ``attaches`` is for the test card that can be kept and not charged.
    """
    if behaviour.act == cards.DECLINES and not attaches:
        return behaviour.message
    customer = world.store.find(session["customer"], "customer") or {}
    method = payment_method(payer, behaviour, world.now())
    world.store.add(method)
    customers.attach(world, customer, method)
    settings = {**customer["invoice_settings"], "default_payment_method": method["id"]}
    change(world, "customer.updated", customer, invoice_settings=settings)
    for subscription in subscriptions_of(world, session):
        subscriptions.update(world, subscription, {"default_payment_method": method["id"]})
    return ""
