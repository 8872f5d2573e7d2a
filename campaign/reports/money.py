"""Where the money stands: what was given, what the payment provider kept, what was passed on, what is still held."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.campaigns.spending import paid_out
from campaign.donations.queries import fees_kept
from campaign.reports.summary import Given


@dataclass(frozen=True)
class Balance:
    """Minor units of one currency, which add up: held = here + offline - fees - passed on.

    `here_minor` came through the payment provider, less what went back. A fee is in the currency in which the provider
    took it, which need not be the donor's. `held_minor` is below zero where more was passed on than was left of what
    was given here, as from a fundraiser elsewhere.
    """

    currency: str
    here_minor: int
    offline_minor: int
    fees_minor: int
    passed_on_minor: int

    @property
    def given_minor(self) -> int:
        return self.here_minor + self.offline_minor

    @property
    def held_minor(self) -> int:
        return self.given_minor - self.fees_minor - self.passed_on_minor


def balances(session: Session, campaign: Campaign, given: Sequence[Given]) -> list[Balance]:
    """One balance for each currency in which money was given, kept or passed on, the campaign's own first."""
    received = {row.currency: row for row in given}
    passed_on, fees = paid_out(session, campaign.id), fees_kept(session, campaign.id)
    currencies = sorted({*received, *passed_on, *fees}, key=lambda code: (code != campaign.currency, code))
    return [
        Balance(
            currency=code,
            here_minor=received[code].here_minor if code in received else 0,
            offline_minor=received[code].offline_minor if code in received else 0,
            fees_minor=fees.get(code, 0),
            passed_on_minor=passed_on.get(code, 0),
        )
        for code in currencies
    ]
