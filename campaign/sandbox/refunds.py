"""Refunds, whole and in parts (docs.stripe.com/api/refunds)."""

from campaign.sandbox import shapes
from campaign.sandbox.errors import ApiError, missing
from campaign.sandbox.events import emit
from campaign.sandbox.money import format_amount
from campaign.sandbox.store import Obj, Store
from campaign.sandbox.world import World


def charge_to_refund(store: Store, charge: str | None, intent: str | None) -> Obj:
    """The succeeded charge meant by ``charge`` or ``payment_intent``; raises ApiError."""
    if charge:
        found = store.find(charge, "charge")
        if not found:
            raise missing("charge", charge, status=404, param="charge")
        if not found["paid"]:
            raise ApiError(f"Charge {charge} is not refundable: it did not succeed.")
        return found
    if not intent:
        raise ApiError(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    payment = store.find(intent, "payment_intent")
    if not payment:
        raise missing("payment_intent", intent, status=404, param="payment_intent")
    if payment["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
            param="payment_intent",
        )
    return store.find(payment["latest_charge"], "charge") or {}


def create(world: World, paid: Obj, *, amount: int | None, reason: str | None, metadata: dict[str, str]) -> Obj:
    """Refund ``amount`` minor units of a charge, or all that is left; returns the refund."""
    left = paid["amount"] - paid["amount_refunded"]
    if left == 0:
        raise ApiError(f"Charge {paid['id']} has already been refunded.", code="charge_already_refunded")
    if paid["disputed"]:
        raise ApiError(f"Charge {paid['id']} has been charged back.", code="charge_disputed")
    if amount is not None and amount > left:
        raise ApiError(
            f"Refund amount ({format_amount(amount, paid['currency'])}) is greater than "
            f"unrefunded amount on charge ({format_amount(left, paid['currency'])})",
            param="amount",
        )
    refund = shapes.refund(paid, amount=amount or left, created=world.now(), reason=reason, metadata=metadata)
    _book(world, paid, refund)
    emit(world, "refund.created", refund)
    emit(world, "charge.refunded", paid)
    _give_reference(world, refund)
    return refund


def _book(world: World, paid: Obj, refund: Obj) -> None:
    """Move the balance back. The fee of the charge is not given back, as at Stripe."""
    movement = shapes.balance_transaction(
        refund, kind="refund", amount=-refund["amount"], fee=0, created=refund["created"]
    )
    world.store.add(movement)
    refund["balance_transaction"] = movement["id"]
    world.store.add(refund)
    paid["amount_refunded"] += refund["amount"]
    paid["refunded"] = paid["amount_refunded"] == paid["amount"]
    world.store.save(paid)


def _give_reference(world: World, refund: Obj) -> None:
    """The bank's reference arrives after the refund; that is what ``refund.updated`` tells."""
    before = refund["destination_details"]
    card = {
        **before["card"],
        "reference": "".join(character for character in refund["id"] if character.isdigit()),
        "reference_status": "available",
    }
    refund["destination_details"] = {**before, "card": card}
    world.store.save(refund)
    emit(world, "refund.updated", refund, {"destination_details": before})


def update_metadata(world: World, refund: Obj, metadata: dict[str, str]) -> Obj:
    """Merge metadata into a refund; an empty value takes its name away."""
    before = refund["metadata"]
    merged = {**before, **metadata}
    refund["metadata"] = {name: value for name, value in merged.items() if value}
    world.store.save(refund)
    emit(world, "refund.updated", refund, {"metadata": before})
    return refund
