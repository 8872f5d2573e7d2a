"""Where the money stands: what was given, what was passed on, and what is still held, per currency."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.campaigns.spending import paid_out
from campaign.reports.summary import Given


@dataclass(frozen=True)
class Balance:
    """Minor units of one currency. `given` is less what went back; the three add up: held = given - passed on.

    `held_minor` is below zero where more was passed on than was given here, as from a fundraiser elsewhere.
    """

    currency: str
    given_minor: int
    passed_on_minor: int

    @property
    def held_minor(self) -> int:
        return self.given_minor - self.passed_on_minor


def balances(session: Session, campaign: Campaign, given: Sequence[Given]) -> list[Balance]:
    """One balance for each currency in which money was given or passed on, the campaign's own first."""
    received = {row.currency: row.amount_minor for row in given}
    passed_on = paid_out(session, campaign.id)
    currencies = sorted({*received, *passed_on}, key=lambda code: (code != campaign.currency, code))
    return [Balance(code, received.get(code, 0), passed_on.get(code, 0)) for code in currencies]
