"""The connection to Stripe: time-outs, how many threads may wait for it, and errors in our own words."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TypeVar

import stripe
from stripe import RequestOptions, StripeClient

T = TypeVar("T")

CONNECT_SECONDS, READ_SECONDS = 3.0, 8.0
RETRIES = 1
MOST_KEYS = 30  # for one thing that is wanted of Stripe, in a day
# Stripe's library writes every call down, and with an error what was sent: somebody's address.
logging.getLogger("stripe").setLevel(logging.WARNING)


class GatewayError(Exception):
    """Stripe could not be asked, or said no."""


class GatewayUnavailable(GatewayError):
    """No clear answer. Whatever was asked may have happened; asking again with the same key is safe."""


class StoredFailure(GatewayUnavailable):
    """Stripe repeats what an earlier try with this key came to, a 500, and will for a day: only another key asks anew.

    What the earlier try did is not known (docs.stripe.com/api/idempotent_requests).
    """


class AmountTooSmall(GatewayError):
    """Stripe judges minimum charges in the currency it pays out, which only Stripe knows."""


class GatewayRefused(GatewayError):
    """Stripe said no and will say so again. `param` names the field, where it is one."""

    def __init__(self, code: str, param: str) -> None:
        super().__init__(code)
        self.param = param

    @property
    def unknown(self) -> bool:
        """True where Stripe knows no such object."""
        return str(self) == "resource_missing"


class Connection:
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

    def _with_a_key(self, name: str, call: Callable[[RequestOptions], T], *, retries: int = RETRIES) -> T:
        """What a call answers under the first key of that name for which no 500 is stored.

        A time-out is asked again under the same key. With `retries=0` a stored 500 is one that an earlier try has met,
        so that the caller could look before this try whether it acted.
        """
        for number in range(MOST_KEYS):
            key = f"{name}-{number + 1}" if number else name
            try:
                with self._asking():
                    return call({"idempotency_key": key, "max_network_retries": retries})
            except StoredFailure:
                continue
        raise GatewayUnavailable("every key of it has failed")

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


def _translated(error: stripe.StripeError) -> GatewayError:
    status = error.http_status or 0
    if status >= 500 and (error.headers or {}).get("Idempotent-Replayed") == "true":
        return StoredFailure(type(error).__name__)
    unclear = isinstance(error, stripe.APIConnectionError | stripe.APIError | stripe.RateLimitError)
    if unclear or status >= 500 or status == 409:  # 409: the first try with this key is still under way
        return GatewayUnavailable(type(error).__name__)
    code = error.code or type(error).__name__
    if code == "amount_too_small":
        return AmountTooSmall(code)
    return GatewayRefused(code, str(getattr(error, "param", None) or ""))
