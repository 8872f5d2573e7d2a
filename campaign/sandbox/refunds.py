"""Refunds, whole and in parts, some of which fail later (docs.stripe.com/api/refunds)."""

from campaign.sandbox import agenda, cards, disputes, fraud_warnings, shapes
from campaign.sandbox.errors import ApiError, missing
from campaign.sandbox.events import change, emit
from campaign.sandbox.methods import remembered
from campaign.sandbox.money import format_amount
from campaign.sandbox.params import merged_metadata
from campaign.sandbox.store import Obj, Store
from campaign.sandbox.world import World

SUCCEED, FAIL = "refund succeeds", "refund fails"
_LATER = 60  # seconds; Stripe's test cards say "some time later" (docs.stripe.com/testing#refunds)


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
    if disputes.holds_money(world, paid):
        raise ApiError(f"Charge {paid['id']} has been charged back.", code="charge_disputed")
    if amount is not None and amount > left:
        raise ApiError(
            f"Refund amount ({format_amount(amount, paid['currency'])}) is greater than "
            f"unrefunded amount on charge ({format_amount(left, paid['currency'])})",
            param="amount",
        )
    refund = shapes.refund(paid, amount=amount or left, created=world.now(), reason=reason, metadata=metadata)
    act = _act_of_card(world, paid)
    if act == cards.REFUND_PENDS:
        refund.update(pending_reason="processing", status="pending")
    _book(world, paid, refund)
    emit(world, "refund.created", refund)
    emit(world, "charge.refunded", paid)
    fraud_warnings.look_again(world, paid)
    if act == cards.REFUND_PENDS:
        agenda.plan(world, world.now() + _LATER, SUCCEED, refund["id"])
        return refund
    _give_reference(world, refund)
    if act == cards.REFUND_FAILS:
        agenda.plan(world, world.now() + _LATER, FAIL, refund["id"])
    return refund


def _act_of_card(world: World, paid: Obj) -> str:
    method = world.store.find(paid["payment_method"] or "", "payment_method")
    return remembered(method)[1].act if method else cards.PAYS


def _book(world: World, paid: Obj, refund: Obj) -> None:
    """Move the balance back. The fee of the charge is not given back, as at Stripe."""
    movement = shapes.balance_transaction(
        refund,
        kind="refund" if paid["payment_method_details"]["type"] == "card" else "payment_refund",
        category="refund",
        amount=-refund["amount"],
        fee=0,
        created=refund["created"],
    )
    world.store.add(movement)
    refund["balance_transaction"] = movement["id"]
    world.store.add(refund)
    _count(paid, refund["amount"])
    world.store.save(paid)


def _count(paid: Obj, amount: int) -> None:
    paid["amount_refunded"] += amount
    paid["refunded"] = paid["amount_refunded"] == paid["amount"]


def _give_reference(world: World, refund: Obj) -> None:
    """The bank's reference arrives after the refund; that is what ``refund.updated`` tells."""
    before = refund.get("destination_details")
    if not before:
        return
    card = {
        **before["card"],
        "reference": "".join(character for character in refund["id"] if character.isdigit()),
        "reference_status": "available",
    }
    change(world, "refund.updated", refund, destination_details={**before, "card": card})


def succeed_late(world: World, refund_id: str) -> None:
    """A refund that was pending has reached the card."""
    refund = world.store.find(refund_id, "refund")
    if refund and refund["status"] == "pending":
        del refund["pending_reason"]
        change(world, "refund.updated", refund, status="succeeded")
        _give_reference(world, refund)


def fail_late(world: World, refund_id: str) -> None:
    """The bank sends a refund back."""
    refund = world.store.find(refund_id, "refund")
    if refund and refund["status"] in ("pending", "succeeded"):
        fail(world, refund, "expired_or_canceled_card")


def fail(world: World, refund: Obj, reason: str) -> None:
    """The money of a refund comes back, and the charge is as if it had not been made (docs.stripe.com/refunds)."""
    agenda.forget(world, refund["id"])
    movement = shapes.balance_transaction(
        refund, kind="refund_failure", amount=refund["amount"], fee=0, created=world.now()
    )
    world.store.add(movement)
    before = {"status": refund["status"]}
    refund.pop("pending_reason", None)
    refund.update(failure_balance_transaction=movement["id"], failure_reason=reason, status="failed")
    world.store.save(refund)
    paid = world.store.find(refund["charge"], "charge") or {}
    shown = {name: paid[name] for name in ("amount_refunded", "refunded")}
    _count(paid, -refund["amount"])
    world.store.save(paid)
    emit(world, "refund.updated", refund, before)
    emit(world, "refund.failed", refund)
    emit(world, "charge.updated", paid, shown)


def update_metadata(world: World, refund: Obj, metadata: dict[str, str]) -> Obj:
    """Merge metadata into a refund; an empty value takes its name away."""
    change(world, "refund.updated", refund, metadata=merged_metadata(refund["metadata"], metadata))
    return refund
