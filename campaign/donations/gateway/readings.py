"""Asking Stripe where a donation stands."""

from datetime import datetime
from typing import Any

import stripe

from campaign.core import clock
from campaign.donations.gateway import wording
from campaign.donations.gateway.connection import Connection, GatewayRefused
from campaign.donations.models import DonationState
from campaign.donations.standing import Paid, Standing

_CHARGE = "latest_charge.balance_transaction"


class Readings(Connection):
    """What reads."""

    def standing(self, object_id: str) -> Standing | None:
        """Where the donation stands that a session, payment intent, invoice or subscription is about, now.

        None for what is not ours: another program's objects, or ids that Stripe does not know. Raises GatewayRefused,
        GatewayUnavailable.
        """
        asked_at = clock.now()
        readers = {
            "cs": self._of_session,
            "pi": self._of_intent,
            "in": self._of_invoice,
            "sub": self._of_subscription,
        }
        reader = readers.get(object_id.partition("_")[0])
        if reader is None:
            return None
        try:
            with self._asking():
                return reader(object_id, asked_at)
        except GatewayRefused as refused:
            if not refused.unknown:
                raise
        return None

    def _of_session(self, session_id: str, asked_at: datetime) -> Standing | None:
        session = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": [f"payment_intent.{_CHARGE}"]})
        reference = wording.reference(session.metadata)
        if not reference or session.client_reference_id != reference:
            return None
        about: dict[str, Any] = {
            "donation": reference,
            "asked_at": asked_at,
            "checkout_session": session.id,
            "checkout_url": session.url,
        }
        if session.status == "expired":
            return Standing(state=DonationState.EXPIRED, **about)
        if session.status == "open":
            return Standing(state=DonationState.OPEN, **about)  # a declined card does not end a checkout
        if session.mode == "subscription":
            return self._of_subscribed(session, about)
        intent = session.payment_intent
        if not isinstance(intent, stripe.PaymentIntent):
            return Standing(state=DonationState.OPEN, **about)
        return Standing(state=wording.completed(intent.status), paid=self._paid(intent), **about)

    def _of_subscribed(self, session: Any, about: dict[str, Any]) -> Standing:
        """A checkout that began a monthly gift; its first invoice is what counts."""
        paid = self._invoice_paid(self._invoice(wording.id_of(session.invoice))) if session.invoice else None
        subscription = self._client.v1.subscriptions.retrieve(wording.id_of(session.subscription))
        return Standing(
            state=DonationState.SUCCEEDED if paid else DonationState.PROCESSING,
            paid=paid,
            gift=wording.gift_word(subscription),
            **about,
        )

    def _of_intent(self, intent_id: str, asked_at: datetime) -> Standing | None:
        intent = self._intent(intent_id)
        reference = wording.reference(intent.metadata)
        if not reference:
            return self._of_invoices_intent(intent_id, asked_at)
        return Standing(donation=reference, state=DonationState.OPEN, asked_at=asked_at, paid=self._paid(intent))

    def _of_invoices_intent(self, intent_id: str, asked_at: datetime) -> Standing | None:
        """A monthly gift's payment does not carry our reference; its invoice leads to it."""
        payment: Any = {"type": "payment_intent", "payment_intent": intent_id}
        for joined in self._client.v1.invoice_payments.list({"payment": payment}).data:
            return self._of_invoice(wording.id_of(joined.invoice), asked_at)
        return None

    def _of_invoice(self, invoice_id: str, asked_at: datetime) -> Standing | None:
        invoice = self._invoice(invoice_id)
        details = invoice.parent.subscription_details if invoice.parent else None
        if not details:
            return None
        subscription = self._client.v1.subscriptions.retrieve(wording.id_of(details.subscription))
        reference = wording.reference(subscription.metadata)
        if not reference:
            return None
        return Standing(
            donation=reference,
            state=DonationState.OPEN,
            asked_at=asked_at,
            paid=self._invoice_paid(invoice),
            gift=wording.gift_word(subscription),
            unpaid=wording.unpaid_invoice(invoice),
        )

    def _of_subscription(self, subscription_id: str, asked_at: datetime) -> Standing | None:
        subscription = self._client.v1.subscriptions.retrieve(subscription_id)
        reference = wording.reference(subscription.metadata)
        if not reference:
            return None
        return Standing(
            donation=reference, state=DonationState.OPEN, asked_at=asked_at, gift=wording.gift_word(subscription)
        )

    def _intent(self, intent_id: str) -> stripe.PaymentIntent:
        return self._client.v1.payment_intents.retrieve(intent_id, {"expand": [_CHARGE]})

    def _invoice(self, invoice_id: str) -> stripe.Invoice:
        return self._client.v1.invoices.retrieve(invoice_id)

    def _invoice_paid(self, invoice: stripe.Invoice) -> Paid | None:
        """The money of a paid invoice. One that was paid outside Stripe, or asks for nothing, brought none."""
        if invoice.status != "paid" or not invoice.amount_paid:
            return None
        invoice_id = wording.id_of(invoice)
        for joined in self._client.v1.invoice_payments.list({"invoice": invoice_id, "status": "paid"}).data:
            if joined.payment.type == "payment_intent" and joined.payment.payment_intent:
                intent = self._intent(wording.id_of(joined.payment.payment_intent))
                return self._paid(intent, invoice_id, first=invoice.billing_reason == "subscription_create")
        return None

    def _paid(self, intent: stripe.PaymentIntent, invoice: str | None = None, *, first: bool = True) -> Paid | None:
        if intent.status != "succeeded":
            return None
        charge = wording.charge_of(intent)
        about: Any = {"payment_intent": intent.id, "limit": 100}
        refunds = self._client.v1.refunds.list(about).auto_paging_iter()
        # `charge.disputed` stays true after a dispute that was won, and is all that spares the question.
        disputes = self._client.v1.disputes.list(about).auto_paging_iter() if charge.disputed else ()
        return Paid(
            payment_intent=intent.id,
            charge=charge.id,
            invoice=invoice,
            is_first=first,
            amount_minor=intent.amount_received,
            currency=intent.currency.upper(),
            paid_at=wording.moment(charge.created),
            kept=wording.kept(charge),
            refunds=tuple(wording.refund_word(refund) for refund in refunds),
            disputes=tuple(wording.dispute_word(dispute) for dispute in disputes),
        )
