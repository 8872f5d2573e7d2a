"""The life of an invoice: draft, open, paid or void (docs.stripe.com/invoicing/overview)."""

from campaign.sandbox import agenda, billing_shapes, customers, shapes
from campaign.sandbox.events import change, emit
from campaign.sandbox.money import format_amount
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

# A renewal's invoice can be changed for about an hour before it is charged (docs.stripe.com/billing).
DRAFT_FOR = 3600
FINALIZE = "finalize invoice"
_OF_SUBSCRIPTION = "json_extract(body, '$.parent.subscription_details.subscription') = ?"


def draft(world: World, subscription: Obj, *, reason: str, start: int) -> Obj:
    """Write the invoice for the subscription's current period; ``start`` is when the period before began."""
    customer = world.store.find(subscription["customer"], "customer") or {}
    lines = [
        billing_shapes.invoice_line(subscription, item, _description(world, item))
        for item in subscription["items"]["data"]
    ]
    invoice = billing_shapes.invoice(subscription, customer, lines, reason=reason, start=start, created=world.now())
    world.store.add(invoice)
    emit(world, "invoice.created", invoice)
    subscription["latest_invoice"] = invoice["id"]
    world.store.save(subscription)
    return invoice


def _description(world: World, item: Obj) -> str:
    price = item["price"]
    product = world.store.find(price["product"], "product") or {}
    each = f"{format_amount(price['unit_amount'], price['currency'])} / {price['recurring']['interval']}"
    return f"{item['quantity']} × {product.get('name', '')} (at {each})"


def finalize(world: World, invoice: Obj) -> Obj:
    """Open a draft for payment; returns the payment intent that will pay it."""
    customer = world.store.find(invoice["customer"], "customer") or {}
    first = invoice["billing_reason"] == "subscription_create"
    intent = shapes.payment_intent(
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        created=world.now(),
        data={"description": "Subscription creation" if first else "Subscription update"},
    )
    intent.update(customer=invoice["customer"], _invoice=invoice["id"])
    if first:
        intent["setup_future_usage"] = "off_session"
    world.store.add(intent)
    emit(world, "payment_intent.created", intent)
    joined = billing_shapes.invoice_payment(invoice, intent, world.now())
    world.store.add(joined)
    invoice.update(
        _payment=joined["id"],
        effective_at=world.now(),
        number=customers.next_invoice_number(world, customer),
        status="open",
        status_transitions={**invoice["status_transitions"], "finalized_at": world.now()},
    )
    world.store.save(invoice)
    emit(world, "invoice.finalized", invoice)
    return intent


def payment_of(world: World, invoice: Obj) -> tuple[Obj, Obj]:
    """An open or paid invoice's payment and its payment intent."""
    joined = world.store.find(invoice["_payment"], "invoice_payment") or {}
    return joined, world.store.find(joined["payment"]["payment_intent"], "payment_intent") or {}


def mark_paid(world: World, invoice: Obj) -> None:
    """Note that the invoice's payment intent succeeded."""
    joined, _ = payment_of(world, invoice)
    now = world.now()
    joined.update(
        amount_paid=invoice["amount_due"], status="paid", status_transitions={"canceled_at": None, "paid_at": now}
    )
    world.store.save(joined)
    invoice.update(
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        attempt_count=invoice["attempt_count"] + 1,
        attempted=True,
        next_payment_attempt=None,
        status="paid",
        status_transitions={**invoice["status_transitions"], "paid_at": now},
    )
    world.store.save(invoice)
    emit(world, "invoice_payment.paid", joined)
    emit(world, "invoice.paid", invoice)
    emit(world, "invoice.payment_succeeded", invoice)


def mark_failed(world: World, invoice: Obj, next_attempt: int | None) -> None:
    """Note that an attempt to pay failed; ``next_attempt`` is when it is tried again by itself."""
    invoice.update(
        attempt_count=invoice["attempt_count"] + 1,
        attempted=True,
        auto_advance=next_attempt is not None,
        next_payment_attempt=next_attempt,
    )
    world.store.save(invoice)
    emit(world, "invoice.payment_failed", invoice)


def void(world: World, invoice: Obj) -> None:
    """Make a draft or open invoice one that will never be paid."""
    _close(world, invoice, "void", "voided_at", "invoice.voided")


def give_up(world: World, invoice: Obj) -> None:
    """Mark an invoice uncollectible."""
    _close(world, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible")


def _close(world: World, invoice: Obj, status: str, moment: str, kind: str) -> None:
    agenda.forget(world, invoice["id"])
    invoice.update(
        auto_advance=False,
        next_payment_attempt=None,
        status=status,
        status_transitions={**invoice["status_transitions"], moment: world.now()},
    )
    world.store.save(invoice)
    emit(world, kind, invoice)


def stop_collecting(world: World, subscription: Obj) -> None:
    """Leave unpaid invoices of a subscription that ended as they are: nothing charges them by itself any more."""
    for invoice in world.store.select("invoice", _OF_SUBSCRIPTION, (subscription["id"],)):
        if invoice["status"] in ("draft", "open"):
            agenda.forget(world, invoice["id"])
            change(world, "invoice.updated", invoice, auto_advance=False, next_payment_attempt=None)
