"""The life of a Checkout session: made, paid, expired (docs.stripe.com/api/checkout/sessions)."""

from dataclasses import dataclass
from typing import Any

from campaign.sandbox import cards, payments, session_shapes, shapes
from campaign.sandbox.cards import Behaviour
from campaign.sandbox.errors import ApiError
from campaign.sandbox.events import emit
from campaign.sandbox.money import check_chargeable
from campaign.sandbox.payments import Payer
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

SHORTEST_LIFE = 30 * 60
LONGEST_LIFE = 24 * 60 * 60
# A client that asks for exactly 30 minutes must not fail for the second its request took.
_LEEWAY = 60


@dataclass(frozen=True)
class Outcome:
    """How an attempt to pay ended: ``paid``, ``declined``, ``authenticate`` or ``closed``."""

    state: str
    message: str = ""


def create(world: World, given: dict[str, Any]) -> Obj:
    """Open a session from checked parameters; raises ApiError when Stripe would refuse them."""
    _refuse_other_modes(given)
    now = world.now()
    items = [session_shapes.line_item(line["price_data"], line.get("quantity", 1), now) for line in given["line_items"]]
    if len({item["currency"] for item in items}) > 1:
        raise ApiError("All line items must be in the same currency.", param="line_items")
    session = session_shapes.session(given, items, now)
    check_chargeable(session["amount_total"], session["currency"])
    _set_expiry(world, session, given.get("expires_at"), now)
    session["url"] = f"{world.config.public_url}/c/pay/{session['id']}"
    world.store.add(session)
    return session


def _refuse_other_modes(given: dict[str, Any]) -> None:
    if given["mode"] != "payment":
        raise ApiError(f"This sandbox does not have mode={given['mode']} yet, only mode=payment.", param="mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise ApiError("This sandbox only has ui_mode=hosted_page.", param="ui_mode")


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
    intent = _intent_of(world, session)
    payments.begin(world, intent, payer)
    if behaviour.act == cards.DECLINES:
        payments.fail(world, intent, behaviour)
        return Outcome("declined", behaviour.message)
    if behaviour.act == cards.AUTHENTICATES:
        url = f"{world.config.public_url}/c/pay/{session['id']}/authenticate"
        payments.require_authentication(world, intent, url)
        return Outcome("authenticate")
    _complete(world, session, intent, disputed=behaviour.act == cards.DISPUTED)
    return Outcome("paid")


def authenticate(world: World, session: Obj, *, passed: bool) -> Outcome:
    """Answer for the cardholder's bank after ``pay`` said ``authenticate``."""
    intent = world.store.find(session["payment_intent"] or "", "payment_intent")
    if session["status"] != "open" or not intent or intent["status"] != "requires_action":
        return Outcome("closed")
    if not passed:
        payments.fail(world, intent, cards.AUTHENTICATION_FAILED)
        return Outcome("declined", cards.AUTHENTICATION_FAILED.message)
    _complete(world, session, intent, disputed=False)
    return Outcome("paid")


def _intent_of(world: World, session: Obj) -> Obj:
    """The session's payment intent; made at the first attempt to pay, as Stripe does."""
    found = world.store.find(session["payment_intent"] or "", "payment_intent")
    if found:
        return found
    intent = shapes.payment_intent(
        amount=session["amount_total"],
        currency=session["currency"],
        created=world.now(),
        data=session["_payment_intent_data"],
    )
    world.store.add(intent)
    session["payment_intent"] = intent["id"]
    world.store.save(session)
    emit(world, "payment_intent.created", intent)
    return intent


def _complete(world: World, session: Obj, intent: Obj, *, disputed: bool) -> None:
    payer = payments.payer_of(intent)
    paid = payments.succeed(world, intent)
    session.update(
        customer_details=customer_details(payer.email, payer.name),
        payment_status="paid",
        status="complete",
        url=None,
    )
    world.store.save(session)
    emit(world, "checkout.session.completed", session)
    if disputed:
        payments.open_dispute(world, paid)


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
