"""Charging invoices by themselves, trying again, and what a payment's end means for invoice and subscription."""

from campaign.sandbox import aftermath, agenda, cards, faults, invoices, payments, subscriptions
from campaign.sandbox.cards import Behaviour
from campaign.sandbox.methods import remembered
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

COLLECT = "charge invoice"
# Days between tries. Stripe chooses its times itself (docs.stripe.com/billing/revenue-recovery/smart-retries).
RETRIES = (3, 5, 7)
_DAY = 86400


def collect_draft(world: World, invoice_id: str) -> None:
    """Finalize the invoice of a renewal and charge it, unless collection is paused or the subscription ended."""
    invoice = world.store.find(invoice_id, "invoice")
    if not invoice or invoice["status"] != "draft":
        return
    pause = subscription_of(world, invoice)["pause_collection"]
    if pause is None:
        invoices.finalize(world, invoice)
        charge(world, invoice)
    elif pause["behavior"] != "keep_as_draft":
        invoices.finalize(world, invoice)
        end = invoices.void if pause["behavior"] == "void" else invoices.give_up
        end(world, invoice)


def collect(world: World, invoice_id: str) -> None:
    """Try an open invoice again."""
    invoice = world.store.find(invoice_id, "invoice")
    if invoice and invoice["status"] == "open" and invoice["auto_advance"]:
        charge(world, invoice)


def charge(world: World, invoice: Obj) -> None:
    """Charge an open invoice to the subscription's card, nobody being there."""
    subscription = subscription_of(world, invoice)
    _, intent = invoices.payment_of(world, invoice)
    method = world.store.find(subscription["default_payment_method"] or "", "payment_method") or {}
    payer, behaviour = remembered(method)
    ordered = faults.take(world, f"renewal {subscription['id']}")
    if ordered:
        behaviour = cards.decline(ordered.kind)
    payments.begin(world, intent, payer, behaviour, method=method)
    if behaviour.act == cards.DECLINES:
        fail(world, intent, behaviour)
    else:
        aftermath.follow(world, succeed(world, intent), behaviour)


def bill(world: World, subscription: Obj) -> Obj:
    """Charge a period out of turn, even after the end, as a draft left over at a cancellation would be."""
    invoice = subscriptions.bill_now(world, subscription)
    invoices.finalize(world, invoice)
    charge(world, invoice)
    return invoice


def succeed(world: World, intent: Obj) -> Obj:
    """The intent is paid, and so is its invoice if it has one; returns the charge."""
    paid = payments.succeed(world, intent)
    invoice = world.store.find(intent.get("_invoice", ""), "invoice")
    if invoice:
        invoices.mark_paid(world, invoice)
        subscriptions.was_paid(world, subscription_of(world, invoice))
    payments.settle(world, paid)
    return paid


def fail(world: World, intent: Obj, behaviour: Behaviour) -> None:
    """The card was declined; a renewal is tried again some days later."""
    payments.fail(world, intent, behaviour)
    invoice = world.store.find(intent.get("_invoice", ""), "invoice")
    if not invoice:
        return
    subscription = subscription_of(world, invoice)
    if invoice["billing_reason"] == "subscription_create" or subscription["status"] in subscriptions.ENDED:
        invoices.mark_failed(world, invoice, None)
        return
    tries = invoice["attempt_count"]
    last_try = tries >= len(RETRIES)
    again = None if last_try else world.now() + RETRIES[tries] * _DAY
    invoices.mark_failed(world, invoice, again)
    if again:
        agenda.plan(world, again, COLLECT, invoice["id"])
    subscriptions.was_not_paid(world, subscription, last_try=last_try)


def subscription_of(world: World, invoice: Obj) -> Obj:
    """The subscription that an invoice is for."""
    return world.store.find(invoice["parent"]["subscription_details"]["subscription"], "subscription") or {}
