"""What a card or a bank does to a payment intent: pays, takes days, declines, wants authentication."""

from dataclasses import asdict

from campaign.sandbox import shapes
from campaign.sandbox.cards import Behaviour
from campaign.sandbox.events import change, emit
from campaign.sandbox.expand import public
from campaign.sandbox.methods import Payer, payer_from, payment_method
from campaign.sandbox.money import processing_fee
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World


def begin(world: World, intent: Obj, payer: Payer, behaviour: Behaviour, method: Obj | None = None) -> None:
    """Attach what the payer pays with to the intent for the attempt that follows; ``method``: kept from before."""
    if method is None:
        method = payment_method(payer, behaviour, world.now())
        world.store.add(method)
    intent["payment_method"] = method["id"]
    intent["next_action"] = None
    intent["_payer"] = asdict(payer)
    world.store.save(intent)


def payer_of(intent: Obj) -> Payer:
    """The payer of the attempt under way."""
    return payer_from(intent["_payer"])


def succeed(world: World, intent: Obj) -> Obj:
    """Charge what is attached; returns the charge, which ``settle`` must follow."""
    paid = shapes.charge(intent, payer_of(intent), created=world.now())
    world.store.add(paid)
    return _succeeded(world, intent, paid)


def _succeeded(world: World, intent: Obj, paid: Obj) -> Obj:
    intent.update(
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=paid["id"],
        next_action=None,
        status="succeeded",
    )
    world.store.save(intent)
    emit(world, "charge.succeeded", paid)
    emit(world, "payment_intent.succeeded", intent)
    return paid


def settle(world: World, paid: Obj) -> None:
    """Book a charge. Its balance transaction comes a moment after ``charge.succeeded``, told by
    ``charge.updated``: with asynchronous capture Stripe no longer has it in the first event.
    """
    movement = shapes.balance_transaction(
        paid,
        kind="charge" if paid["payment_method_details"]["type"] == "card" else "payment",
        category="charge",
        amount=paid["amount"],
        fee=processing_fee(paid["amount"]),
        created=world.now(),
    )
    world.store.add(movement)
    change(world, "charge.updated", paid, balance_transaction=movement["id"])


def wait(world: World, intent: Obj) -> None:
    """Ask the bank, which takes days to answer: ``arrive`` or ``fail`` follows."""
    pending = shapes.charge(intent, payer_of(intent), created=world.now())
    pending.update(amount_captured=0, captured=True, paid=False, status="pending")
    world.store.add(pending)
    intent.update(last_payment_error=None, latest_charge=pending["id"], status="processing")
    world.store.save(intent)
    emit(world, "charge.pending", pending)
    emit(world, "payment_intent.processing", intent)


def arrive(world: World, intent: Obj) -> Obj:
    """The bank paid after all; returns the charge, which ``settle`` must follow."""
    paid = world.store.find(intent["latest_charge"], "charge") or {}
    paid.update(amount_captured=paid["amount"], paid=True, status="succeeded")
    world.store.save(paid)
    return _succeeded(world, intent, paid)


def fail(world: World, intent: Obj, behaviour: Behaviour) -> None:
    """Decline what is attached; the intent waits for something else."""
    error: Obj = {
        "code": behaviour.code,
        "message": behaviour.message,
        "payment_method": public(world.store.find(intent["payment_method"], "payment_method") or {}),
        "type": "card_error" if behaviour.decline_code else "invalid_request_error",
    }
    if behaviour.decline_code:  # the bank was asked, so there is a charge that failed
        failed = _failed_charge(world, intent, behaviour)
        error.update(charge=failed["id"], decline_code=behaviour.decline_code)
        intent["latest_charge"] = failed["id"]
        emit(world, "charge.failed", failed)
    intent.update(
        last_payment_error=error,
        next_action=None,
        payment_method=None,
        status="requires_payment_method",
    )
    world.store.save(intent)
    emit(world, "payment_intent.payment_failed", intent)


def _failed_charge(world: World, intent: Obj, behaviour: Behaviour) -> Obj:
    """The charge that waited for its bank, or one that never was."""
    waiting = intent["status"] == "processing" and world.store.find(intent["latest_charge"], "charge")
    failed = waiting or shapes.charge(intent, payer_of(intent), created=world.now())
    failed.update(
        amount_captured=0,
        captured=False,
        failure_code=behaviour.code,
        failure_message=behaviour.message,
        outcome={
            "network_status": "declined_by_network",
            "reason": behaviour.decline_code,
            "risk_level": "normal",
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
        paid=False,
        status="failed",
    )
    world.store.add(failed)
    world.store.save(failed)
    return failed


def require_authentication(world: World, intent: Obj, return_url: str) -> None:
    """Ask for the cardholder's bank: the intent waits for ``succeed`` or ``fail``."""
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "redirect_to_url": {"return_url": return_url, "url": return_url},
        "type": "redirect_to_url",
    }
    world.store.save(intent)
    emit(world, "payment_intent.requires_action", intent)
