"""What Stripe says, in our own words: the only thing that moves a donation. Amounts are integer minor units."""

from dataclasses import dataclass
from datetime import datetime

from campaign.donations.models import DonationState


@dataclass(frozen=True)
class Paid:
    """Money that arrived, as it stands now: what went back or is contested is told with it, never as a difference."""

    payment_intent: str
    amount_minor: int
    currency: str
    refunded_minor: int
    disputed: bool
    paid_at: datetime


@dataclass(frozen=True)
class Standing:
    """Where one of our donations stands at Stripe; `asked_at` is the moment just before Stripe was asked.

    `donation` is our own public id, which every object that we make at Stripe carries. `state` is the checkout's; what
    became of the money afterwards follows from `paid`.
    """

    donation: str
    state: DonationState
    asked_at: datetime
    paid: Paid | None = None
    checkout_session: str | None = None
    checkout_url: str | None = None


@dataclass(frozen=True)
class Notice:
    """An event's own name and what it is about: `cs_…` or `pi_…` where it concerns money, else any id."""

    event_id: str
    type: str
    object_id: str
