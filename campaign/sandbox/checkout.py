"""The life of a Checkout session: made, paid, expired (docs.stripe.com/api/checkout/sessions)."""

from dataclasses import dataclass
from typing import Any

from campaign.sandbox import (
    aftermath,
    cards,
    catalogue,
    collection,
    customers,
    debits,
    payments,
    session_shapes,
    shapes,
    subscriptions,
)
from campaign.sandbox.cards import Behaviour
from campaign.sandbox.errors import ApiError, missing
from campaign.sandbox.events import emit
from campaign.sandbox.methods import DEBITS, Payer
from campaign.sandbox.money import check_chargeable
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

SHORTEST_LIFE = 30 * 60
LONGEST_LIFE = 24 * 60 * 60
# A client that asks for exactly 30 minutes must not fail for the second its request took.
_LEEWAY = 60
_ONLY_FOR = {
    "payment": ("customer_creation", "payment_intent_data"),
    "subscription": ("subscription_data",),
}


@dataclass(frozen=True)
class Outcome:
    """How an attempt to pay ended: ``paid``, ``declined``, ``authenticate`` or ``closed``."""

    state: str
    message: str = ""


def create(world: World, given: dict[str, Any]) -> Obj:
    """Open a session from checked parameters; raises ApiError when Stripe would refuse them."""
    _refuse_other_modes(given)
    if given.get("customer") and not world.store.find(given["customer"], "customer"):
        raise missing("customer", given["customer"], status=400, param="customer")
    now = world.now()
    items = [
        session_shapes.line_item(*catalogue.store(world, line["price_data"]), line.get("quantity", 1))
        for line in given["line_items"]
    ]
    _check_items(given["mode"], items)
    session = session_shapes.session(given, items, now)
    if given["mode"] == "payment" and session["currency"] in DEBITS:
        session["payment_method_types"].append(DEBITS[session["currency"]])
    check_chargeable(session["amount_total"], session["currency"])
    _set_expiry(world, session, given.get("expires_at"), now)
    session["url"] = f"{world.config.public_url}/c/pay/{session['id']}"
    world.store.add(session)
    return session


def _refuse_other_modes(given: dict[str, Any]) -> None:
    mode = given["mode"]
    if mode == "setup":
        raise ApiError("This sandbox does not have mode=setup, only payment and subscription.", param="mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise ApiError("This sandbox only has ui_mode=hosted_page.", param="ui_mode")
    if given.get("customer") and given.get("customer_email"):
        raise ApiError("You may only specify one of these parameters: customer, customer_email.", param="customer")
    for name in _ONLY_FOR["payment" if mode == "subscription" else "subscription"]:
        if name in given:
            raise ApiError(f"You can not pass `{name}` in `{mode}` mode.", param=name)


def _check_items(mode: str, items: list[Obj]) -> None:
    if len({item["currency"] for item in items}) > 1:
        raise ApiError("All line items must be in the same currency.", param="line_items")
    intervals = [item["price"]["recurring"] for item in items]
    if mode == "payment" and any(intervals):
        raise ApiError(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices.",
            param="line_items",
        )
    if mode == "subscription" and not any(intervals):
        raise ApiError("You must provide at least one recurring price in `subscription` mode when using prices.")
    if any(interval != intervals[0] for interval in intervals):
        raise ApiError("This sandbox takes lines of one interval only.", param="line_items")


def _set_expiry(world: World, session: Obj, wanted: int | None, now: int) -> None:
    """Check and set when the session ends.

    When the sandbox's clock was moved on and the client's was not, the client's times are still
    right by the wall clock: they are judged by that, and the difference is noted.
    """
    expires_at = wanted or now + LONGEST_LIFE
    ahead_by = max(0, world.offset()) if expires_at < now + SHORTEST_LIFE - _LEEWAY else 0
    life = expires_at + ahead_by - now
    if life < SHORTEST_LIFE - _LEEWAY:
        raise ApiError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    if life > LONGEST_LIFE + _LEEWAY:
        raise ApiError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    session["expires_at"] = expires_at
    session["_ends"] = expires_at + ahead_by


def expire(world: World, session: Obj) -> Obj:
    """Close an open session unpaid; raises ApiError when it is not open."""
    if session["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    session["status"] = "expired"
    session["url"] = None
    world.store.save(session)
    emit(world, "checkout.session.expired", session)
    if subscription := world.store.find(session.get("_subscription", ""), "subscription"):
        subscriptions.expire(world, subscription)
    return session


def expire_due(world: World) -> None:
    """Close every open session whose time is over by the sandbox's clock."""
    over = world.store.select(
        "checkout.session",
        "json_extract(body, '$.status') = 'open' AND json_extract(body, '$._ends') <= ?",
        (world.now(),),
    )
    for session in over:
        expire(world, session)


def pay(world: World, session: Obj, payer: Payer, behaviour: Behaviour) -> Outcome:
    """Try to pay with a card. A session that is no longer open stays as it is."""
    if session["status"] != "open":
        return Outcome("closed")
    intent = _intent_for(world, session, payer)
    payments.begin(world, intent, payer, behaviour)
    if behaviour.act == cards.DECLINES:
        collection.fail(world, intent, behaviour)
        return Outcome("declined", behaviour.message)
    if behaviour.act == cards.AUTHENTICATES:
        url = f"{world.config.public_url}/c/pay/{session['id']}/authenticate"
        payments.require_authentication(world, intent, url)
        return Outcome("authenticate")
    aftermath.follow(world, _complete(world, session, intent), behaviour)
    return Outcome("paid")


def pay_later(world: World, session: Obj, payer: Payer) -> Outcome:
    """Pay by bank debit, which takes days: the session is complete and not paid yet."""
    if session["status"] != "open" or payer.debit not in session["payment_method_types"]:
        return Outcome("closed")
    intent = _intent_for(world, session, payer)
    payments.begin(world, intent, payer, Behaviour(cards.PAYS))
    _keep_customer(world, session, intent, payer)
    debits.start(world, session, intent)
    _close(world, session, payer, payment_status="unpaid")
    return Outcome("processing")


def authenticate(world: World, session: Obj, *, passed: bool) -> Outcome:
    """Answer for the cardholder's bank after ``pay`` said ``authenticate``."""
    intent = intent_of(world, session)
    if session["status"] != "open" or not intent or intent["status"] != "requires_action":
        return Outcome("closed")
    if not passed:
        collection.fail(world, intent, cards.AUTHENTICATION_FAILED)
        return Outcome("declined", cards.AUTHENTICATION_FAILED.message)
    _complete(world, session, intent)
    return Outcome("paid")


def intent_of(world: World, session: Obj) -> Obj | None:
    """The payment intent of the session, or of its subscription's first invoice; None before the first attempt."""
    return world.store.find(session.get("_intent") or session["payment_intent"] or "", "payment_intent")


def _intent_for(world: World, session: Obj, payer: Payer) -> Obj:
    """The intent to pay with; made at the first attempt, as Stripe does."""
    if found := intent_of(world, session):
        return found
    if session["mode"] == "subscription":
        return _subscribe(world, session, payer)
    intent = shapes.payment_intent(
        amount=session["amount_total"],
        currency=session["currency"],
        created=world.now(),
        data=session["_payment_intent_data"],
    )
    intent.update(customer=session["customer"], payment_method_types=session["payment_method_types"])
    world.store.add(intent)
    session["payment_intent"] = intent["id"]
    world.store.save(session)
    emit(world, "payment_intent.created", intent)
    return intent


def _subscribe(world: World, session: Obj, payer: Payer) -> Obj:
    """Make customer, subscription and first invoice. The session names them only once they are paid."""
    customer = world.store.find(session["customer"] or "", "customer")
    customer = customer or customers.create(world, email=payer.email, name=payer.name)
    items = [(item["price"], item["quantity"]) for item in session["_line_items"]]
    subscription, intent = subscriptions.create(world, customer, items, session["_subscription_data"])
    session.update(_intent=intent["id"], _subscription=subscription["id"])
    world.store.save(session)
    return intent


def _complete(world: World, session: Obj, intent: Obj) -> Obj:
    """Charge the intent and close the session; returns the charge."""
    payer = payments.payer_of(intent)
    _keep_customer(world, session, intent, payer)
    paid = collection.succeed(world, intent)
    _close(world, session, payer, payment_status="paid")
    return paid


def _close(world: World, session: Obj, payer: Payer, *, payment_status: str) -> None:
    session.update(
        customer_details=customer_details(payer.email, payer.name),
        payment_status=payment_status,
        status="complete",
        url=None,
    )
    world.store.save(session)
    emit(world, "checkout.session.completed", session)


def _keep_customer(world: World, session: Obj, intent: Obj, payer: Payer) -> None:
    """Put customer, card and subscription where the completed session will show them."""
    subscription = world.store.find(session.get("_subscription", ""), "subscription")
    if subscription:
        method = world.store.find(intent["payment_method"], "payment_method") or {}
        customer = world.store.find(subscription["customer"], "customer") or {}
        customers.attach(world, customer, method)
        subscription["default_payment_method"] = method["id"]
        world.store.save(subscription)
        session.update(customer=customer["id"], invoice=subscription["latest_invoice"], subscription=subscription["id"])
    elif session["customer_creation"] == "always" and not session["customer"]:
        session["customer"] = customers.create(world, email=payer.email, name=payer.name)["id"]
        intent["customer"] = session["customer"]


def customer_details(email: str, name: str) -> Obj:
    """Who paid, as a completed session shows it."""
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def success_address(session: Obj) -> str:
    """Where the payer goes after paying, with the session's id put in if it asks for it."""
    address: str = session["success_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"])
