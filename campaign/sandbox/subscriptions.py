"""The life of a subscription (docs.stripe.com/billing/subscriptions/overview)."""

from typing import Any

from campaign.sandbox import agenda, billing_shapes, catalogue, invoices, periods
from campaign.sandbox.errors import ApiError, missing
from campaign.sandbox.events import change, emit
from campaign.sandbox.params import merged_metadata
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

RENEW = "renew subscription"
RESUME = "resume collection"
ENDED = ("canceled", "incomplete_expired")


def create(world: World, customer: Obj, items: list[tuple[Obj, int]], data: Obj) -> tuple[Obj, Obj]:
    """A subscription that waits for its first payment; returns it and the intent that will pay.

    ``items`` are prices with quantities, all of one interval.
    """
    now = world.now()
    end = periods.boundary(now, items[0][0]["recurring"], 1)
    lines = [billing_shapes.subscription_item(price, quantity, now, end) for price, quantity in items]
    subscription = billing_shapes.subscription(customer=customer["id"], items=lines, data=data, created=now)
    world.store.add(subscription)
    invoice = invoices.draft(world, subscription, reason="subscription_create", start=now)
    intent = invoices.finalize(world, invoice)
    emit(world, "customer.subscription.created", subscription)
    return subscription, intent


def period_end(subscription: Obj) -> int:
    """When the current period ends; every item here has the same period."""
    end: int = subscription["items"]["data"][0]["current_period_end"]
    return end


def was_paid(world: World, subscription: Obj) -> None:
    """An invoice was paid: the first payment starts the subscription, a late one mends it."""
    if subscription["status"] == "incomplete":
        agenda.plan(world, period_end(subscription), RENEW, subscription["id"])
    if subscription["status"] in ("incomplete", "past_due", "unpaid"):
        _change(world, subscription, status="active")


def was_not_paid(world: World, subscription: Obj, *, last_try: bool) -> None:
    """A renewal could not be charged; after the last try the subscription ends."""
    if last_try:
        cancel(world, subscription, reason="payment_failed")
    elif subscription["status"] == "active":
        _change(world, subscription, status="past_due")


def renew(world: World, subscription_id: str) -> None:
    """Begin the next period and write its invoice, or end what was to end now."""
    subscription = world.store.find(subscription_id, "subscription")
    if not subscription or subscription["status"] in ENDED:
        return
    if subscription["cancel_at_period_end"]:
        _end(world, subscription, subscription["cancellation_details"])
        return
    start = subscription["items"]["data"][0]["current_period_start"]
    _next_period(world, subscription)
    invoice = invoices.draft(world, subscription, reason="subscription_cycle", start=start)
    agenda.plan(world, world.now() + invoices.DRAFT_FOR, invoices.FINALIZE, invoice["id"])


def _next_period(world: World, subscription: Obj) -> None:
    before = subscription["items"]
    subscription["_cycle"] += 1
    anchor, cycle = subscription["billing_cycle_anchor"], subscription["_cycle"]
    recurring = before["data"][0]["price"]["recurring"]
    start, end = (periods.boundary(anchor, recurring, number) for number in (cycle, cycle + 1))
    items = [{**item, "current_period_start": start, "current_period_end": end} for item in before["data"]]
    agenda.plan(world, end, RENEW, subscription["id"])
    _change(world, subscription, items={**before, "data": items})


def bill_now(world: World, subscription: Obj) -> Obj:
    """An invoice out of turn, as a draft that was left when a subscription was cancelled would be; returns it."""
    start = subscription["items"]["data"][0]["current_period_start"]
    return invoices.draft(world, subscription, reason="subscription_cycle", start=start)


def update(world: World, subscription: Obj, given: dict[str, Any]) -> Obj:
    """Change what was given (docs.stripe.com/api/subscriptions/update). Raises ApiError."""
    if subscription["status"] in ENDED:
        raise ApiError("A canceled subscription can only update its cancellation_details and metadata.")
    fields: Obj = {}
    if "items" in given:
        fields["items"] = _changed_items(world, subscription, given)
    if "metadata" in given:
        fields["metadata"] = merged_metadata(subscription["metadata"], given["metadata"])
    if "description" in given:
        fields["description"] = given["description"] or None
    if "default_payment_method" in given:
        fields["default_payment_method"] = _own_method(world, subscription, given["default_payment_method"])
    if "pause_collection" in given:
        fields["pause_collection"] = _pause(world, subscription, given["pause_collection"])
    if "cancel_at_period_end" in given:
        fields |= _cancellation(world, subscription, wanted=given["cancel_at_period_end"])
    if details := given.get("cancellation_details"):
        known: Obj = fields.get("cancellation_details") or subscription["cancellation_details"]
        fields["cancellation_details"] = {**known, **{name: value or None for name, value in details.items()}}
    _change(world, subscription, **fields)
    return subscription


def _changed_items(world: World, subscription: Obj, given: dict[str, Any]) -> Obj:
    if given.get("proration_behavior") != "none":
        raise ApiError(
            "This sandbox does not prorate: give proration_behavior=none with items.", param="proration_behavior"
        )
    items = {item["id"]: item for item in subscription["items"]["data"]}
    for index, wanted in enumerate(given["items"]):
        if wanted["id"] not in items:
            raise missing("subscription_item", wanted["id"], status=400, param=f"items[{index}][id]")
        items[wanted["id"]] = _changed_item(world, items[wanted["id"]], wanted, f"items[{index}]")
    return {**subscription["items"], "data": list(items.values())}


def _changed_item(world: World, item: Obj, wanted: dict[str, Any], path: str) -> Obj:
    changed = {**item, "quantity": wanted.get("quantity", item["quantity"])}
    if data := wanted.get("price_data"):
        before, inside = item["price"], f"{path}[price_data]"
        if data["currency"] != before["currency"]:
            raise ApiError("You cannot change the currency of a subscription.", param=f"{inside}[currency]")
        if catalogue.recurring_of(data["recurring"]) != before["recurring"]:
            raise ApiError("This sandbox does not change the interval of a subscription.", param=f"{inside}[recurring]")
        changed["price"] = catalogue.price_of_existing(world, data, inside)
    return changed


def _own_method(world: World, subscription: Obj, method_id: str) -> str:
    method = world.store.find(method_id, "payment_method")
    if not method or method["customer"] != subscription["customer"]:
        raise missing("PaymentMethod", method_id, status=400, param="default_payment_method")
    return method_id


def _pause(world: World, subscription: Obj, wanted: dict[str, Any] | None) -> Obj | None:
    agenda.forget(world, subscription["id"], RESUME)
    if not wanted:
        return None
    resumes_at = wanted.get("resumes_at")
    if resumes_at:
        agenda.plan(world, resumes_at, RESUME, subscription["id"])
    return {"behavior": wanted["behavior"], "resumes_at": resumes_at}


def resume(world: World, subscription_id: str) -> None:
    """Collect again: the time given with the pause has come."""
    subscription = world.store.find(subscription_id, "subscription")
    if subscription and subscription["status"] not in ENDED:
        _change(world, subscription, pause_collection=None)


def _cancellation(world: World, subscription: Obj, *, wanted: bool) -> Obj:
    if not wanted:
        return {
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": billing_shapes.NO_CANCELLATION,
        }
    return {
        "cancel_at": period_end(subscription),
        "cancel_at_period_end": True,
        "canceled_at": subscription["canceled_at"] or world.now(),
        "cancellation_details": {**subscription["cancellation_details"], "reason": "cancellation_requested"},
    }


def cancel(world: World, subscription: Obj, *, reason: str, details: Obj | None = None) -> Obj:
    """End it at once. Raises ApiError when it has ended already, in which case Stripe no longer finds it."""
    if subscription["status"] in ENDED:
        raise missing("subscription", subscription["id"])
    said = {name: value or None for name, value in (details or {}).items()}
    _end(world, subscription, {**billing_shapes.NO_CANCELLATION, **said, "reason": reason})
    return subscription


def _end(world: World, subscription: Obj, details: Obj) -> None:
    now = world.now()
    agenda.forget(world, subscription["id"])
    subscription.update(
        canceled_at=subscription["canceled_at"] or now,
        cancellation_details=details,
        ended_at=now,
        status="canceled",
    )
    world.store.save(subscription)
    emit(world, "customer.subscription.deleted", subscription)
    invoices.stop_collecting(world, subscription)


def expire(world: World, subscription: Obj) -> None:
    """Give up one whose first payment never came."""
    if subscription["status"] != "incomplete":
        return
    _change(world, subscription, ended_at=world.now(), status="incomplete_expired")
    if invoice := world.store.find(subscription["latest_invoice"], "invoice"):
        invoices.void(world, invoice)


def _change(world: World, subscription: Obj, **fields: Any) -> None:
    change(world, "customer.subscription.updated", subscription, **fields)
