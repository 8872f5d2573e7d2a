"""Payments by bank debit: the checkout completes at once, the money comes, or not, days later.

docs.stripe.com/payments/bacs-debit; only for one-off payments here.
"""

from campaign.sandbox import agenda, collection, payments
from campaign.sandbox.cards import DECLINES, Behaviour
from campaign.sandbox.events import emit
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

ARRIVE = "bank debit"
ARRIVES_AFTER = 4 * 86400
_REFUSED = Behaviour(
    DECLINES, "insufficient_funds", "insufficient_funds", "The customer's account has too little money."
)


def start(world: World, session: Obj, intent: Obj) -> None:
    """Ask the bank; the session is complete and unpaid."""
    payments.wait(world, intent)
    agenda.plan(world, world.now() + ARRIVES_AFTER, ARRIVE, session["id"])


def arrive(world: World, session_id: str) -> None:
    """Nothing was said against it for some days: the money is there."""
    if session := world.store.find(session_id, "checkout.session"):
        finish(world, session, paid=True)


def finish(world: World, session: Obj, *, paid: bool) -> bool:
    """The bank's answer. False when none is awaited."""
    intent = world.store.find(session["payment_intent"] or "", "payment_intent")
    if not intent or intent["status"] != "processing":
        return False
    agenda.forget(world, session["id"])
    if paid:
        payments.settle(world, payments.arrive(world, intent))
        session["payment_status"] = "paid"
        world.store.save(session)
        emit(world, "checkout.session.async_payment_succeeded", session)
    else:
        collection.fail(world, intent, _REFUSED)
        emit(world, "checkout.session.async_payment_failed", session)
    return True
