"""What a card does to a payment intent: pays, is declined, wants authentication, is disputed."""

from dataclasses import asdict, dataclass

from campaign.sandbox import shapes
from campaign.sandbox.cards import DISPUTED, Behaviour, CardDetails
from campaign.sandbox.events import change, emit
from campaign.sandbox.expand import public
from campaign.sandbox.money import processing_fee
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World


@dataclass(frozen=True)
class Payer:
    """Who pays and with what, as typed on the hosted page."""

    email: str
    name: str
    card: CardDetails

    def details(self) -> Obj:
        """As ``billing_details``."""
        return shapes.billing_details(self.email, self.name)


def begin(world: World, intent: Obj, payer: Payer, behaviour: Behaviour, method: Obj | None = None) -> None:
    """Attach the payer's card to the intent for the attempt that follows; ``method`` is a card kept from before."""
    if method is None:
        method = shapes.payment_method(payer.details(), payer.card, world.now())
        method |= note(payer, behaviour)
        world.store.add(method)
    intent["payment_method"] = method["id"]
    intent["next_action"] = None
    intent["_payer"] = asdict(payer)
    world.store.save(intent)


def payer_of(intent: Obj) -> Payer:
    """The payer of the attempt under way."""
    return payer_from(intent["_payer"])


def payer_from(noted: Obj) -> Payer:
    """A payer as noted with ``asdict``."""
    return Payer(noted["email"], noted["name"], CardDetails(**noted["card"]))


def note(payer: Payer, behaviour: Behaviour) -> Obj:
    """What the sandbox itself remembers of a payment method; ``remembered`` reads it."""
    return {"_payer": asdict(payer), "_behaviour": asdict(behaviour)}


def remembered(method: Obj) -> tuple[Payer, Behaviour]:
    """Who pays with a stored payment method, and what its card does."""
    return payer_from(method["_payer"]), Behaviour(**method["_behaviour"])


def succeed(world: World, intent: Obj) -> Obj:
    """Charge the attached card; returns the charge, which ``settle`` must follow."""
    payer = payer_of(intent)
    paid = shapes.charge(intent, created=world.now(), payer=payer.details(), card=payer.card)
    world.store.add(paid)
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
        kind="charge",
        amount=paid["amount"],
        fee=processing_fee(paid["amount"]),
        created=paid["created"],
    )
    world.store.add(movement)
    change(world, "charge.updated", paid, balance_transaction=movement["id"])


def fail(world: World, intent: Obj, behaviour: Behaviour) -> None:
    """Decline the attached card; the intent waits for another one."""
    payer = payer_of(intent)
    error: Obj = {
        "code": behaviour.code,
        "message": behaviour.message,
        "payment_method": public(world.store.find(intent["payment_method"], "payment_method") or {}),
        "type": "card_error" if behaviour.decline_code else "invalid_request_error",
    }
    if behaviour.decline_code:  # the bank was asked, so there is a charge that failed
        failed = _failed_charge(world, intent, payer, behaviour)
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


def _failed_charge(world: World, intent: Obj, payer: Payer, behaviour: Behaviour) -> Obj:
    failed = shapes.charge(intent, created=world.now(), payer=payer.details(), card=payer.card)
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


def aftermath(world: World, paid: Obj, behaviour: Behaviour) -> None:
    """What some test cards bring after they have paid."""
    if behaviour.act == DISPUTED:
        open_dispute(world, paid)


def open_dispute(world: World, paid: Obj) -> Obj:
    """The cardholder disputes a charge; returns the dispute."""
    dispute = shapes.dispute(paid, created=world.now())
    paid["disputed"] = True
    world.store.save(paid)
    world.store.add(dispute)
    emit(world, "charge.dispute.created", dispute)
    return dispute
