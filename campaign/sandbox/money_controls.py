"""Controls for one payment: pay it, refund it, dispute it, warn of it, let a bank answer."""

from campaign.sandbox import checkout, debits, disputes, fraud_warnings, refunds
from campaign.sandbox.cardform import CardForm
from campaign.sandbox.control_input import Given, charge_of, choice, number, only, stored
from campaign.sandbox.errors import ControlError
from campaign.sandbox.expand import public
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

_FAILURES = (
    "charge_for_pending_refund_disputed declined expired_or_canceled_card insufficient_funds lost_or_stolen_card "
    "merchant_request unknown"
).split()


def pay(world: World, given: Given) -> Given:
    """Pay a session without a browser; ``authenticate`` answers for the bank in the same step.

    ``"method": "bank_debit"`` pays by the debit that takes days; ``debit`` gives the bank's answer.
    """
    only(given, "session", "card", "email", "name", "expiry", "cvc", "authenticate", "method")
    session = stored(world, given, "session", "checkout.session")
    form = CardForm(
        email=str(given.get("email") or session["customer_email"] or "payer@example.com"),
        number=str(given.get("card", "4242424242424242")),
        expiry=str(given.get("expiry", "12/99")),
        cvc=str(given.get("cvc", "123")),
        name=str(given.get("name", "Sandbox Payer")),
    )
    if errors := form.errors(world.now()):
        raise ControlError("; ".join(errors.values()))
    if choice(given, "method", ("card", "bank_debit"), "card") == "bank_debit":
        outcome = checkout.pay_later(world, session, form.debit_payer(session["currency"]))
    else:
        outcome = checkout.pay(world, session, *form.payer())
    if outcome.state == "authenticate" and given.get("authenticate") in ("complete", "fail"):
        passed = given["authenticate"] == "complete"
        outcome = checkout.authenticate(world, session, passed=passed)
    return _paid(world, session, outcome)


def _paid(world: World, session: Obj, outcome: checkout.Outcome) -> Given:
    intent = checkout.intent_of(world, session) or {}
    return {
        "outcome": outcome.state,
        "message": outcome.message,
        "session": session["id"],
        "status": session["status"],
        "payment_status": session["payment_status"],
        "payment_intent": intent.get("id"),
        "subscription": session["subscription"],
        "invoice": session["invoice"],
        "charge": intent.get("latest_charge"),
        "redirect": checkout.success_address(session) if session["status"] == "complete" else None,
    }


def debit(world: World, given: Given) -> Given:
    """``{"session": id, "outcome": "succeed" or "fail"}``: the bank's answer to a debit."""
    only(given, "session", "outcome")
    session = stored(world, given, "session", "checkout.session")
    paid = choice(given, "outcome", ("succeed", "fail"), "succeed") == "succeed"
    if not debits.finish(world, session, paid=paid):
        raise ControlError(f"no bank debit is awaited for {session['id']}")
    return public(session)


def refund(world: World, given: Given) -> Given:
    """``{"payment_intent": id, "amount": minor units, absent for all that is left}``, as from the dashboard."""
    only(given, "payment_intent", "charge", "amount")
    amount = number(given, "amount", 1, 10**12) if "amount" in given else None
    return public(refunds.create(world, charge_of(world, given), amount=amount, reason=None, metadata={}))


def fail_refund(world: World, given: Given) -> Given:
    """``{"refund": id, "reason": …}``: the bank sends a refund back."""
    only(given, "refund", "reason")
    found = stored(world, given, "refund", "refund")
    if found["status"] not in ("pending", "succeeded"):
        raise ControlError(f"{found['id']} is {found['status']}")
    refunds.fail(world, found, choice(given, "reason", tuple(_FAILURES), "expired_or_canceled_card"))
    return public(found)


def dispute(world: World, given: Given) -> Given:
    """``{"payment_intent": id, "amount": …, "reason": …, "kind": "dispute" or "inquiry"}``: open one."""
    only(given, "payment_intent", "charge", "amount", "reason", "kind")
    paid = charge_of(world, given)
    left = paid["amount"] - paid["amount_refunded"]
    if disputes.holds_money(world, paid) or not left:
        raise ControlError(f"{paid['id']} has no money left to dispute")
    opened = disputes.open_dispute(
        world,
        paid,
        amount=number(given, "amount", 1, left, left),
        reason=choice(given, "reason", tuple(disputes.REASONS), "fraudulent"),
        inquiry=choice(given, "kind", ("dispute", "inquiry"), "dispute") == "inquiry",
    )
    return public(opened)


def win(world: World, given: Given) -> Given:
    """``{"dispute": id}`` or the payment intent: the bank decides for us."""
    return _decide(world, given, won=True)


def lose(world: World, given: Given) -> Given:
    """``{"dispute": id}`` or the payment intent: the bank decides for the cardholder."""
    return _decide(world, given, won=False)


def _decide(world: World, given: Given, *, won: bool) -> Given:
    only(given, "dispute", "payment_intent")
    if intent := given.get("payment_intent"):
        found = world.store.select("dispute", "json_extract(body, '$.payment_intent') = ?", (intent,), limit=1)
        given = {"dispute": found[0]["id"] if found else None}
    return public(disputes.close(world, stored(world, given, "dispute", "dispute"), won=won))


def warn(world: World, given: Given) -> Given:
    """``{"payment_intent": id}``: the bank warns of fraud."""
    only(given, "payment_intent", "charge")
    return public(fraud_warnings.warn(world, charge_of(world, given)))
