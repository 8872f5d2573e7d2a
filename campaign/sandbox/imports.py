"""Past gifts put in at once, so that a demo's ledger and Stripe's agree from the first start."""

from typing import Any

from campaign.sandbox import catalogue, checkout, session_shapes, shapes
from campaign.sandbox.cards import CardDetails
from campaign.sandbox.errors import ControlError
from campaign.sandbox.methods import Payer
from campaign.sandbox.money import CURRENCIES, processing_fee
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

_REQUIRED = {"session", "payment_intent", "charge", "amount", "currency", "created"}
_OPTIONAL = {"metadata", "client_reference_id", "email", "name", "description", "refunded"}
_CARD = CardDetails("visa", "4242", 12, 2034)


def import_gifts(world: World, gifts: Any) -> dict[str, int]:
    """Store completed sessions with intent, charge and movements; returns how many were new.

    All or none. A session that is there already is left as it is. No events, no webhooks.
    Raises ControlError naming the first gift that is wrong.
    """
    if not isinstance(gifts, list):
        raise ControlError("gifts must be a list")
    for index, gift in enumerate(gifts):
        if problem := _problem(gift):
            raise ControlError(f"gifts[{index}]: {problem}")
    imported = sum(_import(world, gift) for gift in gifts)
    return {"imported": imported, "existing": len(gifts) - imported}


def _problem(gift: Any) -> str:
    """What is wrong with a gift, in words; empty when nothing is."""
    if not isinstance(gift, dict):
        return "must be an object"
    absent, unknown = _REQUIRED - set(gift), set(gift) - _REQUIRED - _OPTIONAL
    if absent or unknown:
        return f"missing: {sorted(absent)}, unknown: {sorted(unknown)}"
    found = [
        f"{name} must start with {prefix}"
        for name, prefix in (("session", "cs_test_"), ("payment_intent", "pi_"), ("charge", "ch_"))
        if not str(gift[name]).startswith(prefix)
    ]
    if gift["currency"] not in CURRENCIES:
        found.append("currency must be a code in lower case that Stripe charges in")
    numbers = {name: gift.get(name, 0) for name in ("amount", "created", "refunded")}
    if any(type(number) is not int or number < 0 for number in numbers.values()):
        found.append("amount, created and refunded must be whole numbers, not negative")
    elif numbers["refunded"] > numbers["amount"]:
        found.append("refunded must not be more than amount")
    metadata = gift.get("metadata") or {}
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        found.append("metadata must be an object of texts")
    return "; ".join(found)


def _import(world: World, gift: dict[str, Any]) -> bool:
    if world.store.find(gift["session"]):
        return False
    session, intent = _session_and_intent(gift)
    charge = _charge(gift, intent)
    movement = shapes.balance_transaction(
        charge,
        kind="charge",
        amount=gift["amount"],
        fee=processing_fee(gift["amount"]),
        created=gift["created"],
        txn_id=_related("txn_", gift),
    )
    charge["balance_transaction"] = movement["id"]
    stored = [session, intent, charge, movement]
    if gift.get("refunded"):
        stored += _refund(gift, charge)
    for obj in stored:
        if not world.store.add(obj):
            raise ControlError(f"{obj['id']} belongs to another gift")
    return True


def _session_and_intent(gift: dict[str, Any]) -> tuple[Obj, Obj]:
    metadata = gift.get("metadata") or {}
    price = {"currency": gift["currency"], "unit_amount": gift["amount"]}
    given = {
        "client_reference_id": gift.get("client_reference_id"),
        "customer_email": gift.get("email"),
        "metadata": metadata,
        "submit_type": "donate",
        "success_url": "https://example.org/",
    }
    product = catalogue.product({"name": gift.get("description", "Donation")}, gift["created"])
    item = session_shapes.line_item(catalogue.price(price, product["id"], gift["created"]), product, 1)
    session = session_shapes.session(given, [item], gift["created"])
    ends = gift["created"] + checkout.LONGEST_LIFE
    session.update(
        id=gift["session"],
        customer_details=checkout.customer_details(gift.get("email", ""), gift.get("name", "")),
        expires_at=ends,
        payment_intent=gift["payment_intent"],
        payment_status="paid",
        status="complete",
        _ends=ends,
    )
    intent = shapes.payment_intent(
        amount=gift["amount"],
        currency=gift["currency"],
        created=gift["created"],
        data={"metadata": metadata, "description": gift.get("description")},
        intent_id=gift["payment_intent"],
    )
    intent.update(
        amount_received=gift["amount"],
        latest_charge=gift["charge"],
        payment_method=_related("pm_", gift),
        status="succeeded",
    )
    return session, intent


def _charge(gift: dict[str, Any], intent: Obj) -> Obj:
    payer = Payer(gift.get("email", ""), gift.get("name", ""), _CARD)
    charge = shapes.charge(intent, payer, created=gift["created"], charge_id=gift["charge"])
    charge["amount_refunded"] = gift.get("refunded", 0)
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    return charge


def _refund(gift: dict[str, Any], charge: Obj) -> list[Obj]:
    refund = shapes.refund(
        charge,
        amount=gift["refunded"],
        created=gift["created"],
        reason=None,
        metadata={},
        refund_id=_related("re_", gift),
    )
    movement = shapes.balance_transaction(
        refund,
        kind="refund",
        amount=-gift["refunded"],
        fee=0,
        created=gift["created"],
        txn_id=_related("txn_", gift) + "_refund",
    )
    refund["balance_transaction"] = movement["id"]
    return [refund, movement]


def _related(prefix: str, gift: dict[str, Any]) -> str:
    """An id that follows from the charge's, so that the same import gives the same ids."""
    charge: str = gift["charge"]
    return prefix + charge.removeprefix("ch_")
