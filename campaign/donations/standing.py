"""What Stripe says, in our own words: the only thing that moves a donation. Amounts are integer minor units."""

from dataclasses import dataclass
from datetime import datetime

from campaign.donations.models import DisputeState, DonationState, MonthlyGiftState, RefundState


@dataclass(frozen=True)
class Kept:
    """What of a payment stays after Stripe's fee, in the currency in which Stripe keeps it."""

    balance_transaction: str
    currency: str
    fee_minor: int
    net_minor: int


@dataclass(frozen=True)
class RefundWord:
    """A refund as it stands. `reference` is our own public id, where it was asked for here."""

    stripe_id: str
    reference: str | None
    state: RefundState
    amount_minor: int
    error: str
    created_at: datetime


@dataclass(frozen=True)
class DisputeWord:
    """A dispute as it stands, with the fee that Stripe took for it."""

    stripe_id: str
    state: DisputeState
    amount_minor: int
    fee_minor: int
    reason: str
    due_by: datetime | None
    opened_at: datetime


@dataclass(frozen=True)
class Paid:
    """Money that arrived, as it stands now: what went back or is contested is told with it, never as a difference.

    `is_first` is false for the renewals of a monthly gift.
    """

    payment_intent: str
    charge: str
    amount_minor: int
    currency: str
    paid_at: datetime
    kept: Kept | None = None
    invoice: str | None = None
    is_first: bool = True
    refunds: tuple[RefundWord, ...] = ()
    disputes: tuple[DisputeWord, ...] = ()


@dataclass(frozen=True)
class GiftWord:
    """A monthly gift as it stands: `amount_minor` is what the next month is charged."""

    subscription: str
    customer: str
    state: MonthlyGiftState
    amount_minor: int
    currency: str
    started_at: datetime
    renews_at: datetime | None
    canceled_at: datetime | None


@dataclass(frozen=True)
class UnpaidInvoice:
    """A renewal that could not be charged; `next_attempt_at` is when Stripe tries again, if it does."""

    invoice: str
    amount_minor: int
    currency: str
    next_attempt_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """Where one of our donations stands at Stripe; `asked_at` is the moment just before Stripe was asked.

    `donation` is our own public id, which every object that we make at Stripe carries. `state` is the checkout's; what
    became of the money afterwards follows from `paid`, and of a monthly gift from `gift`.
    """

    donation: str
    state: DonationState
    asked_at: datetime
    paid: Paid | None = None
    checkout_session: str | None = None
    checkout_url: str | None = None
    gift: GiftWord | None = None
    unpaid: UnpaidInvoice | None = None


@dataclass(frozen=True)
class DeclineWord:
    """A card was declined at the checkout of the donation of that public id."""

    donation: str
    at: datetime


@dataclass(frozen=True)
class Notice:
    """An event's own name and what it is about: an id that `Gateway.standing` reads where it concerns money.

    `decline` says at which checkout of ours a card was declined, where that is what happened.
    """

    event_id: str
    type: str
    object_type: str
    object_id: str
    decline: DeclineWord | None = None


@dataclass(frozen=True)
class Movement:
    """Money that came into the balance or left it on behalf of a donor: a charge, a refund or a dispute."""

    balance_transaction: str
    kind: str
    category: str
    source: str
    payment_intent: str | None
    amount_minor: int
    currency: str
    at: datetime
