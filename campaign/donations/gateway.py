"""The only way to Stripe: opens checkouts, asks where they stand, reads webhooks. Never to be called in a transaction.

Stripe's errors leave as our own. A time-out, a dropped connection or a 5xx is GatewayUnavailable and says nothing of
what happened: it is never taken for a failed payment. Sources: docs.stripe.com/api, version 2026-10-28.endive.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Any

import stripe
from stripe import StripeClient

from campaign.core import clock
from campaign.donations.events import KNOWN_TYPES
from campaign.donations.models import Donation, DonationState
from campaign.donations.standing import Notice, Paid, Standing

REFERENCE = "donation"  # the metadata key that carries our public id; written and read under this one name
CONNECT_SECONDS, READ_SECONDS = 3.0, 8.0
RETRIES = 1
WEBHOOK_TOLERANCE_SECONDS = 300
# Stripe's library writes every call down, and with an error what was sent: somebody's address.
logging.getLogger("stripe").setLevel(logging.WARNING)

_SETTLED_DISPUTES = frozenset({"won", "warning_closed", "prevented"})
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.]{1,255}", re.ASCII)


class GatewayError(Exception):
    """Stripe could not be asked, or said no."""


class GatewayUnavailable(GatewayError):
    """No clear answer. Whatever was asked may have happened; asking again with the same key is safe."""


class AmountTooSmall(GatewayError):
    """Stripe judges minimum charges in the currency it pays out, which only Stripe knows."""


class GatewayRefused(GatewayError):
    """Stripe said no and will say so again. `param` names the field, where it is one."""

    def __init__(self, code: str, param: str) -> None:
        super().__init__(code)
        self.param = param


class WebhookRefused(Exception):
    """The request was not signed by Stripe just now, or is not an event of this environment."""


class Gateway:
    """One connection to one Stripe account; safe to share between threads.

    `slots` bounds how many threads wait for Stripe at the same time, so that a slow Stripe leaves threads for readers
    who only sign; without a free one the answer is GatewayUnavailable at once.
    """

    def __init__(self, api_key: str, api_base: str, slots: int = 8) -> None:
        self._client = StripeClient(
            api_key,
            base_addresses={"api": api_base},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
        )
        self._slots = BoundedSemaphore(slots)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if not self._slots.acquire(blocking=False):
            raise GatewayUnavailable("busy")
        try:
            yield
        except stripe.StripeError as error:
            # Only the code: messages quote what was sent, which is personal.
            raise _translated(error) from None
        finally:
            self._slots.release()

    def open_checkout(self, donation: Donation, *, title: str, return_url: str) -> Standing:
        """Open the hosted checkout of a stored donation; asked again with the same donation, gives the same one.

        Raises AmountTooSmall, GatewayRefused, GatewayUnavailable.
        """
        asked_at = clock.now()
        metadata = {REFERENCE: donation.public_id}
        with self._asking():
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "ui_mode": "hosted_page",
                    "submit_type": "donate",
                    "client_reference_id": donation.public_id,
                    "metadata": metadata,
                    "payment_intent_data": {"description": title, "metadata": metadata},
                    "customer_email": donation.email,
                    "adaptive_pricing": {"enabled": False},  # what is charged is what was asked
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": donation.currency.lower(),
                                "unit_amount": donation.amount_minor,
                                "product_data": {"name": title},
                            },
                        }
                    ],
                    "success_url": return_url,
                    "cancel_url": return_url,
                },
                {"idempotency_key": f"checkout-{donation.public_id}"},
            )
        return Standing(
            donation=donation.public_id,
            state=DonationState.OPEN,
            asked_at=asked_at,
            checkout_session=session.id,
            checkout_url=session.url,
        )

    def standing(self, object_id: str) -> Standing | None:
        """Where the donation behind a checkout session (`cs_…`) or payment intent (`pi_…`) stands now.

        None for what is not ours: another program's objects, or ids that Stripe does not know. Raises GatewayRefused,
        GatewayUnavailable.
        """
        asked_at = clock.now()
        try:
            with self._asking():
                if object_id.startswith("cs_"):
                    return self._of_session(object_id, asked_at)
                if object_id.startswith("pi_"):
                    intent = self._client.v1.payment_intents.retrieve(object_id, {"expand": ["latest_charge"]})
                    return self._of_intent(intent, asked_at)
        except GatewayRefused as refused:
            if str(refused) != "resource_missing":
                raise
        return None

    def _of_session(self, session_id: str, asked_at: datetime) -> Standing | None:
        session = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent.latest_charge"]})
        reference = _reference(session.metadata)
        if not reference or session.client_reference_id != reference:
            return None
        intent = session.payment_intent if isinstance(session.payment_intent, stripe.PaymentIntent) else None
        if session.status == "expired":
            state = DonationState.EXPIRED
        elif session.status == "open" or intent is None:
            state = DonationState.OPEN  # a declined card does not end a checkout
        else:
            state = _completed(intent.status)
        return Standing(
            donation=reference,
            state=state,
            asked_at=asked_at,
            paid=self._paid(intent),
            checkout_session=session.id,
            checkout_url=session.url,
        )

    def _of_intent(self, intent: stripe.PaymentIntent, asked_at: datetime) -> Standing | None:
        reference = _reference(intent.metadata)
        if not reference:
            return None
        return Standing(donation=reference, state=DonationState.OPEN, asked_at=asked_at, paid=self._paid(intent))

    def _paid(self, intent: stripe.PaymentIntent | None) -> Paid | None:
        if intent is None or intent.status != "succeeded":
            return None
        charge = intent.latest_charge
        if not isinstance(charge, stripe.Charge):
            raise GatewayUnavailable("the charge is not there yet")
        return Paid(
            payment_intent=intent.id,
            amount_minor=intent.amount_received,
            currency=intent.currency.upper(),
            refunded_minor=charge.amount_refunded,
            disputed=charge.disputed and self._is_contested(intent.id),
            paid_at=datetime.fromtimestamp(charge.created, UTC),
        )

    def _is_contested(self, intent_id: str) -> bool:
        """True while a dispute is under way or lost; `charge.disputed` alone stays true after one that was won."""
        disputes = self._client.v1.disputes.list({"payment_intent": intent_id, "limit": 100})
        return any(dispute.status not in _SETTLED_DISPUTES for dispute in disputes.data)

    def notice(self, event_id: str) -> Notice | None:
        """The event of that id, which Stripe keeps for 30 days; None where there is none."""
        try:
            with self._asking():
                return _notice(self._client.v1.events.retrieve(event_id).to_dict())
        except GatewayRefused as refused:
            if str(refused) != "resource_missing":
                raise
        return None

    def notices_since(self, moment: datetime) -> Iterator[Notice]:
        """The events that concern us since a moment, newest first, page after page."""
        with self._asking():
            found = self._client.v1.events.list(
                {"created": {"gte": int(moment.timestamp())}, "types": sorted(KNOWN_TYPES), "limit": 100}
            )
            for event in found.auto_paging_iter():
                yield _notice(event.to_dict())


@lru_cache(maxsize=16)
def shared_gateway(api_key: str, api_base: str, slots: int) -> Gateway:
    """The process's one gateway for these settings: its connections are kept between requests."""
    return Gateway(api_key, api_base, slots)


def read_webhook(body: bytes, signature: str, *, secrets: tuple[str, ...], live: bool) -> Notice:
    """The event in a webhook's raw body, once one of the secrets proves it to be Stripe's and not older than 300 s.

    Raises WebhookRefused. Several secrets are in use while they are rotated.
    """
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise WebhookRefused("signature")
    try:
        event = json.loads(body)
        if event["livemode"] is not live:
            raise WebhookRefused("mode")
        return _notice(event)
    except (ValueError, KeyError, TypeError) as error:
        raise WebhookRefused("not an event") from error


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, WEBHOOK_TOLERANCE_SECONDS)
    # ValueError: the body is not UTF-8. TypeError: compare_digest takes no text beyond ASCII.
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False
    return True


def _notice(event: dict[str, Any]) -> Notice:
    """Whatever happens to a charge, a refund or a dispute is looked up through its payment intent."""
    about = event["data"]["object"]
    object_id = about["id"] if about.get("object") == "checkout.session" else about.get("payment_intent")
    names = (event["id"], event["type"], object_id or about.get("id") or "none")
    if not all(isinstance(name, str) and _IDENTIFIER.fullmatch(name) for name in names):
        raise ValueError("no identifiers")
    return Notice(*names)


def _reference(metadata: Any) -> str | None:
    """Our public id; None on what others made."""
    found: str | None = metadata.to_dict().get(REFERENCE) if metadata else None
    return found


def _completed(intent_status: str) -> DonationState:
    """The state of a checkout that was gone through. Some banks take days; only `succeeded` is money."""
    states = {
        "succeeded": DonationState.SUCCEEDED,
        "canceled": DonationState.CANCELED,
        "requires_payment_method": DonationState.FAILED,
    }
    return states.get(intent_status, DonationState.PROCESSING)


def _translated(error: stripe.StripeError) -> GatewayError:
    status = error.http_status or 0
    unclear = isinstance(error, stripe.APIConnectionError | stripe.APIError | stripe.RateLimitError)
    if unclear or status >= 500 or status == 409:  # 409: the first try with this key is still under way
        return GatewayUnavailable(type(error).__name__)
    code = error.code or type(error).__name__
    if code == "amount_too_small":
        return AmountTooSmall(code)
    return GatewayRefused(code, str(getattr(error, "param", None) or ""))
