"""What a campaign has and lacks before readers see it. Some of it stops publishing; the rest editors weigh."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from campaign.campaigns.models import BudgetLine, Campaign, Threshold
from campaign.campaigns.pictures import find_leading
from campaign.campaigns.queries import current_demand

# What a template leaves to fill in: words in square brackets, but no link of Markdown.
_BLANK = re.compile(r"\[[^\][\n]+\](?![(\[:])")


class Item(StrEnum):
    """What is looked at; the door has words and a way there for each."""

    SUMMARY = "summary"
    DEMAND = "demand"
    TARGET = "target"
    STORY = "story"
    BLANKS = "blanks"
    PICTURE = "picture"
    PICTURE_ALT = "picture_alt"
    PICTURE_CREDIT = "picture_credit"
    CLOSING = "closing"
    BUDGET = "budget"
    MILESTONES = "milestones"
    EMBED_HOSTS = "embed_hosts"


STOPS = frozenset({Item.DEMAND, Item.TARGET, Item.PICTURE_ALT, Item.CLOSING})


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    item: Item
    is_there: bool

    @property
    def stops(self) -> bool:
        """True where the campaign cannot be published like this."""
        return not self.is_there and self.item in STOPS


def checks(session: Session, campaign: Campaign, *, now: datetime) -> list[Check]:
    """All that applies to the campaign, in the order of its form."""
    demand = current_demand(session, campaign.id).text
    lead = find_leading(session, campaign.id)
    texts = (campaign.title, campaign.summary, campaign.target, demand, campaign.story)
    found = [
        Check(Item.SUMMARY, bool(campaign.summary)),
        Check(Item.DEMAND, bool(demand)),
        Check(Item.TARGET, bool(campaign.target)),
        Check(Item.STORY, bool(campaign.story)),
        Check(Item.BLANKS, not any(_BLANK.search(text) for text in texts)),
        Check(Item.CLOSING, campaign.closes_at is None or campaign.closes_at > now),
        Check(Item.PICTURE, bool(lead or campaign.picture)),
    ]
    if lead:  # which the database has with words only
        found.append(Check(Item.PICTURE_CREDIT, bool(lead.credit)))
    elif campaign.picture:
        found.append(Check(Item.PICTURE_ALT, bool(campaign.picture_alt)))
        found.append(Check(Item.PICTURE_CREDIT, bool(campaign.picture_credit)))
    if campaign.takes_donations:
        found.append(Check(Item.BUDGET, _has(session, select(BudgetLine.id), BudgetLine.campaign_id == campaign.id)))
    found.append(Check(Item.MILESTONES, _has(session, select(Threshold.id), Threshold.campaign_id == campaign.id)))
    found.append(Check(Item.EMBED_HOSTS, bool(campaign.embed_hosts)))
    return found


def _has(session: Session, query: Select[tuple[int]], of_campaign: ColumnElement[bool]) -> bool:
    return session.scalar(query.where(of_campaign).limit(1)) is not None
