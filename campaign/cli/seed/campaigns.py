"""The campaigns as rows: one in its tenth day, one in its first, one closed, one not yet published."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from campaign.campaigns.models import (
    AidDelivery,
    AidItem,
    BudgetLine,
    Campaign,
    CampaignState,
    Demand,
    Goal,
    Payout,
    Threshold,
    Update,
    UpdateCorrection,
    UpdatePart,
    UpdateState,
)
from campaign.cli.seed import others, texts
from campaign.cli.seed.answers import Reply, closed_reply
from campaign.cli.seed.book import Book
from campaign.cli.seed.chance import DAYS, chance, on_day, public_id
from campaign.cli.seed.gifts import CURRENCY, Gift
from campaign.cli.seed.goals import only_goal
from campaign.cli.seed.handovers import HandedOver, closed_handover
from campaign.cli.seed.news import UPDATES, News, Shipment
from campaign.petitions.models import CollectedTally
from campaign.settings import Settings


@dataclass(frozen=True)
class Part:
    """A campaign with all that belongs to it; the ids that join them come from the database."""

    campaign: Campaign
    demands: list[Demand]
    updates: list[Update] = field(default_factory=list)
    collected: list[CollectedTally] = field(default_factory=list)
    book: Book | None = None
    gifts: list[Gift] = field(default_factory=list)
    spending: list[BudgetLine | Payout] = field(default_factory=list)
    reply: Reply | None = None
    goals: list[Goal | Threshold] = field(default_factory=list)
    handed_over: HandedOver | None = None


def main_campaign(settings: Settings, now: datetime) -> Campaign:
    """The renewed refugee campaign."""
    opened = now - timedelta(days=DAYS, hours=1)
    return Campaign(
        slug=texts.SLUG, short_name=texts.SHORT_NAME, title=texts.TITLE, summary=texts.SUMMARY, story=texts.STORY,
        target=texts.TARGET, goal=5_000, state=CampaignState.PUBLISHED,
        takes_donations=True, donation_goal_minor=10_000_00, suggested_amounts="10,25,50,100",
        picture=texts.PICTURE, picture_alt=texts.PICTURE_ALT,
        picture_credit=texts.PICTURE_CREDIT.format(organisation=settings.organisation_name),
        embed_hosts="lantern.example",
        fundraiser_url=texts.FUNDRAISER_URL, fundraiser_label=texts.FUNDRAISER_LABEL,
        fundraiser_amount_minor=38_450_00, fundraiser_as_of=on_day(now, settings.zone, 1, 18),
        closes_at=on_day(now, settings.zone, -110, 23), published_at=opened,
        created_at=opened - timedelta(days=3), updated_at=on_day(now, settings.zone, 1, 16),
    )  # fmt: skip


def main_demands(now: datetime, reworded_at: datetime) -> list[Demand]:
    """The wording of the first days, and the present one."""
    written = now - timedelta(days=DAYS + 3)
    return [
        Demand(version=1, text=texts.FIRST_DEMAND, created_at=written),
        Demand(version=2, text=texts.DEMAND, note=texts.DEMAND_NOTE, created_at=reworded_at),
    ]


def main_collected(now: datetime, settings: Settings) -> list[CollectedTally]:
    """What was signed elsewhere."""
    return [
        CollectedTally(
            origin=origin, source=source, count=count, counted_on=on_day(now, settings.zone, days_ago).date()
        )
        for origin, source, count, days_ago in (
            ("paper", texts.PAPER_SOURCE, 318, 3),
            ("partner", texts.PARTNER_SOURCE, 1_240, 2),
        )
    ]


def fresh_part(settings: Settings, now: datetime, book: Book) -> Part:
    """A campaign of yesterday."""
    opened = now - timedelta(hours=26)
    campaign = Campaign(
        **others.FRESH, state=CampaignState.PUBLISHED, closes_at=on_day(now, settings.zone, -60, 23),
        published_at=opened, created_at=opened - timedelta(days=5), updated_at=opened,
    )  # fmt: skip
    return Part(
        campaign,
        [Demand(version=1, text=others.FRESH_DEMAND, created_at=campaign.created_at)],
        book=book,
        goals=only_goal(campaign, book),
    )


def closed_times(settings: Settings, now: datetime) -> tuple[datetime, datetime]:
    """When the closed campaign opened and closed."""
    return (
        on_day(now, settings.zone, others.CLOSED_OPENED_DAYS_AGO, 8),
        on_day(now, settings.zone, others.CLOSED_DAYS_AGO, 23),
    )


def closed_part(settings: Settings, now: datetime, book: Book) -> Part:
    """A campaign that got what it asked for."""
    opened, closed = closed_times(settings, now)
    campaign = Campaign(
        **others.CLOSED, state=CampaignState.CLOSED, closes_at=closed, closed_at=closed, published_at=opened,
        created_at=opened - timedelta(days=6), updated_at=on_day(now, settings.zone, 36, 15),
    )  # fmt: skip
    return Part(
        campaign,
        [Demand(version=1, text=others.CLOSED_DEMAND, created_at=campaign.created_at)],
        told(others.CLOSED_NEWS, now, settings, chance("closed news")),
        book=book,
        reply=closed_reply(settings, now),
        goals=only_goal(campaign, book),
        handed_over=closed_handover(settings, now),
    )


def draft_part(now: datetime) -> Part:
    """A campaign that an editor has begun."""
    begun = now - timedelta(days=2)
    campaign = Campaign(**others.DRAFT, state=CampaignState.DRAFT, created_at=begun, updated_at=begun)
    return Part(
        campaign,
        [Demand(version=1, text=others.DRAFT_DEMAND, created_at=begun)],
        goals=only_goal(campaign, None),
    )


def main_updates(now: datetime, settings: Settings) -> list[Update]:
    """The main campaign's news."""
    return told(UPDATES, now, settings, chance("news"))


def main_spending(now: datetime, settings: Settings, updates: list[Update]) -> list[BudgetLine | Payout]:
    """What the main campaign's money is meant for, and what was passed on for its two shipments."""
    budget = [
        BudgetLine(purpose=purpose, amount_minor=amount, currency=CURRENCY)
        for purpose, amount in (
            (texts.FOR_TERMINALS, 7_000_00),
            (texts.FOR_POWER, 2_000_00),
            (texts.FOR_TRANSPORT, 1_000_00),
        )
    ]
    shipments = [told for told in updates if told.delivery]
    random = chance("payouts")
    payouts = [
        Payout(
            public_id=public_id(random), form_key=public_id(random), purpose=purpose, update=shipments[number],
            receiver=texts.PARTNER, amount_minor=amount, currency=CURRENCY,
            paid_on=on_day(now, settings.zone, days_ago).date(), created_at=on_day(now, settings.zone, days_ago),
        )
        for number, purpose, amount, days_ago in (
            (0, texts.FOR_TERMINALS, 2_900_00, 7),
            (0, texts.FOR_TRANSPORT, 340_00, 6),
            (1, texts.FOR_TERMINALS, 1_450_00, 2),
        )
    ]  # fmt: skip
    return [*budget, *payouts]


def told(news: tuple[News, ...], now: datetime, settings: Settings, random: Random) -> list[Update]:
    """Updates as rows: published ones, planned ones and drafts."""
    updates = []
    for item in news:
        at = None if item.days_ago is None else on_day(now, settings.zone, item.days_ago, item.hour)
        published = at is not None and at <= now
        written = at if at and published else now - timedelta(hours=3)
        state = UpdateState.PUBLISHED if published else UpdateState.SCHEDULED if at else UpdateState.DRAFT
        row = Update(
            public_id=public_id(random), kind=item.kind, state=state, title=item.title, body=item.body,
            link=item.link, publish_at=None if published else at, published_at=at if published else None,
            created_at=written, updated_at=written,
            delivery=_delivery(item.shipment, now, settings) if item.shipment else None,
        )  # fmt: skip
        _amend(row, item, written + timedelta(hours=5))
        updates.append(row)
    return updates


def _amend(row: Update, item: News, at: datetime) -> None:
    """What was corrected in an update, or that it was withdrawn."""
    if item.corrected:
        row.corrections = [UpdateCorrection(parts=UpdatePart.CONTENTS, note=item.corrected, corrected_at=at)]
        row.updated_at = at
    if item.withdrawn:
        row.state, row.withdrawn_at, row.withdrawal_note = UpdateState.WITHDRAWN, at, item.withdrawn
        row.updated_at = at


def _delivery(shipment: Shipment, now: datetime, settings: Settings) -> AidDelivery:
    return AidDelivery(
        stage=shipment.stage,
        receiver=shipment.receiver,
        region=shipment.region,
        delivered_on=on_day(now, settings.zone, shipment.days_ago).date(),
        cost_minor=shipment.cost_minor,
        currency=CURRENCY,
        evidence_url=shipment.evidence,
        items=[AidItem(item=item, quantity=quantity) for quantity, item in shipment.items],
    )
