"""Stripe's objects in our own words. Asks nothing; what Stripe's version does not have any more is not read."""

from datetime import UTC, datetime
from typing import Any

import stripe

from campaign.donations.gateway.connection import GatewayUnavailable
from campaign.donations.models import DisputeState, DonationState, MonthlyGiftState, RefundState
from campaign.donations.standing import DisputeWord, GiftWord, Kept, RefundWord, UnpaidInvoice

REFERENCE = "donation"  # the metadata key that carries our public id; written and read under this one name
REFUND_REFERENCE = "refund"  # and the one of a refund that was asked for here

_SUBSCRIPTION_STATES = {
    "incomplete": MonthlyGiftState.STARTING,
    "trialing": MonthlyGiftState.ACTIVE,
    "active": MonthlyGiftState.ACTIVE,
    "past_due": MonthlyGiftState.PAST_DUE,
    "unpaid": MonthlyGiftState.PAST_DUE,
    "paused": MonthlyGiftState.PAUSED,
    "canceled": MonthlyGiftState.CANCELED,
    "incomplete_expired": MonthlyGiftState.CANCELED,
}


def moment(seconds: int) -> datetime:
    """Stripe's time as ours."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    """Stripe's time as ours, where there is one."""
    return None if seconds is None else moment(seconds)


def id_of(thing: Any) -> str:
    """The id of an object that may have been expanded."""
    return thing if isinstance(thing, str) else str(thing.id)


def reference(metadata: Any) -> str | None:
    """Our public id; None on what others made."""
    return _note(metadata, REFERENCE)


def _note(metadata: Any, name: str) -> str | None:
    if not metadata:
        return None
    found: str | None = (metadata if isinstance(metadata, dict) else metadata.to_dict()).get(name)
    return found


def completed(intent_status: str) -> DonationState:
    """The state of a checkout that was gone through. Some banks take days; only `succeeded` is money."""
    states = {
        "succeeded": DonationState.SUCCEEDED,
        "canceled": DonationState.CANCELED,
        "requires_payment_method": DonationState.FAILED,
    }
    return states.get(intent_status, DonationState.PROCESSING)


def charge_of(intent: stripe.PaymentIntent) -> stripe.Charge:
    """The charge of a payment that succeeded."""
    charge = intent.latest_charge
    if not isinstance(charge, stripe.Charge):
        raise GatewayUnavailable("the charge is not there yet")
    return charge


def kept(charge: stripe.Charge) -> Kept | None:
    """What arrived of a charge after the fee; Stripe says so a moment after the charge itself."""
    movement = charge.balance_transaction
    if not isinstance(movement, stripe.BalanceTransaction):
        return None
    return Kept(movement.id, movement.currency.upper(), movement.fee, movement.net)


def refund_word(refund: stripe.Refund) -> RefundWord:
    """A refund, whoever asked for it."""
    return RefundWord(
        stripe_id=refund.id,
        reference=_note(refund.metadata, REFUND_REFERENCE),
        state=RefundState(refund.status or "pending"),
        amount_minor=refund.amount,
        error=getattr(refund, "failure_reason", None) or "",
        created_at=moment(refund.created),
    )


def dispute_word(dispute: stripe.Dispute) -> DisputeWord:
    """A dispute with what Stripe took for it."""
    return DisputeWord(
        stripe_id=dispute.id,
        state=DisputeState(dispute.status),
        amount_minor=dispute.amount,
        fee_minor=sum(movement.fee for movement in dispute.balance_transactions),
        reason=dispute.reason,
        due_by=moment_or_none(dispute.evidence_details.due_by),
        opened_at=moment(dispute.created),
    )


def gift_word(subscription: stripe.Subscription) -> GiftWord:
    """A subscription. One that is paused or ends at the end of its period charges nothing more by itself."""
    (item,) = subscription.items.data[:1]
    state = _SUBSCRIPTION_STATES[subscription.status]
    if subscription.pause_collection and state is not MonthlyGiftState.CANCELED:
        state = MonthlyGiftState.PAUSED
    goes_on = state in (MonthlyGiftState.ACTIVE, MonthlyGiftState.PAST_DUE)
    ends = subscription.cancel_at_period_end or subscription.cancel_at
    return GiftWord(
        subscription=subscription.id,
        customer=id_of(subscription.customer),
        state=state,
        amount_minor=(item.price.unit_amount or 0) * (item.quantity or 1),  # others' may be billed by use
        currency=item.price.currency.upper(),
        started_at=moment(subscription.start_date),
        renews_at=moment(item.current_period_end) if goes_on and not ends else None,
        canceled_at=moment_or_none(subscription.ended_at or subscription.canceled_at)
        if state is MonthlyGiftState.CANCELED
        else None,
    )


def unpaid_invoice(invoice: stripe.Invoice) -> UnpaidInvoice | None:
    """A renewal that was tried and could not be charged; None for any other invoice."""
    tried = invoice.attempt_count > 0 and invoice.status in ("open", "uncollectible")
    if not tried or invoice.billing_reason == "subscription_create":
        return None
    return UnpaidInvoice(
        invoice=id_of(invoice),
        amount_minor=invoice.amount_due,
        currency=invoice.currency.upper(),
        next_attempt_at=moment_or_none(invoice.next_payment_attempt),
    )
