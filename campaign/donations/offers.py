"""What a campaign offers to givers: currencies, amounts to choose from, and the smallest gift in each currency."""

from dataclasses import dataclass
from decimal import Decimal

from campaign.campaigns.models import Campaign
from campaign.core.money import AmountRefused, decimals, minimum_minor, parse_amount, to_main_units


@dataclass(frozen=True)
class Offer:
    """What may be given in one currency, in minor units. Without monthly amounts no monthly gifts are taken."""

    currency: str
    minimum_minor: int
    once: tuple[int, ...]
    monthly: tuple[int, ...]


def currencies(campaign: Campaign) -> list[str]:
    """The currencies in which a campaign takes gifts, its own first."""
    others = [code.strip() for code in campaign.other_currencies.split(",")]
    return list(dict.fromkeys([campaign.currency, *(code for code in others if code)]))


def offer(campaign: Campaign, currency: str) -> Offer:
    """What the campaign offers in one of its currencies.

    Its figures, the smallest gift included, are the same in each: 10 is £10 and €10. Amounts that cannot be given in
    a currency, for it is worth less, are left out of the choice.
    """
    smallest = max(minimum_minor(currency), _same_figure(campaign.donation_minimum_minor, campaign.currency, currency))
    return Offer(
        currency=currency,
        minimum_minor=smallest,
        once=_amounts(campaign.suggested_amounts, currency, smallest),
        monthly=_amounts(campaign.monthly_amounts, currency, smallest),
    )


def _same_figure(amount_minor: int, own: str, other: str) -> int:
    """So many main units of one currency as so many of another, in minor units, rounded up."""
    scaled = to_main_units(amount_minor, own).scaleb(decimals(other))
    return int(-(-scaled // Decimal(1)))


def _amounts(texts: str, currency: str, smallest: int) -> tuple[int, ...]:
    found = []
    for text in texts.split(","):
        try:
            found.append(parse_amount(text, currency))
        except AmountRefused:
            continue
    return tuple(amount for amount in dict.fromkeys(found) if amount >= smallest)
