"""What a new campaign starts from: a template, or another campaign."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from campaign.admin.access import visible_campaigns
from campaign.admin.campaign_forms import CampaignForm, campaign_values
from campaign.admin.lines import shown_budget, shown_thresholds
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import current_demand
from campaign.campaigns.spending import list_budget
from campaign.campaigns.thresholds import list_thresholds
from campaign.core.database import db

EMPTY = "empty"
_BASIC = {
    "country": "GB",
    "currency": "GBP",
    "donation_minimum": "2",
    "suggested_amounts": "10,25,50,100",
    "monthly_amounts": "3,5,10,20",
}
# What belongs to one campaign only: its address, its times, its picture, the sum that another fundraiser had on a day.
_OWN = ("slug", "opens_at", "closes_at", "picture_alt", "picture_credit", "fundraiser_amount", "fundraiser_as_of")


@dataclass(frozen=True)
class Start:
    """What the form begins with; `key` is how the page's address names it."""

    key: str
    values: dict[str, Any]


def _petition() -> dict[str, Any]:
    return {
        "goal": 10_000,
        "summary": _(
            "[What is wrong, in one sentence.] [What we ask, and of whom.] [What changes for people once it is done.]"
        ),
        "demand": _("1. **[First demand in a few words.]** [By when, and how anybody can tell that it was done.]")
        + "\n"
        + _("2. **[Second demand in a few words.]** [By when, and how anybody can tell.]"),
        "story": "\n\n".join(
            (
                "## " + _("What is happening"),
                _("[Who, where, since when. One person's story says more than a number.]"),
                "## " + _("What has to change"),
                _("[Why those who are asked can do it, and what they have said so far.]"),
                "## " + _("What you can do"),
                _("[Sign, and pass it on. What we do with the signatures, and when.]"),
            )
        ),
        "milestones": _("1,000 Write to who is asked") + "\n" + _("5,000 Ask for a meeting"),
    }


def _appeal() -> dict[str, Any]:
    return _petition() | {
        "takes_donations": True,
        "donation_goal": "50000",
        "budget": _("Food and water: 25,000") + "\n" + _("Medical help: 15,000") + "\n" + _("Transport: 10,000"),
        "story": "\n\n".join(
            (
                "## " + _("What is happening"),
                _("[Who, where, since when. One person's story says more than a number.]"),
                "## " + _("What your gift does"),
                _("[What is bought, who hands it out, how we check that it arrived.]"),
                "## " + _("What has to change"),
                _("[Why giving alone is not enough, and what we ask for besides.]"),
            )
        ),
    }


_TEMPLATES: dict[str, Callable[[], dict[str, Any]]] = {
    "petition": _petition,
    "appeal": _appeal,
    EMPTY: dict,
}


def list_starts(campaigns: Sequence[Campaign]) -> dict[str, Any]:
    """The choices on the page: templates with their words, and the campaigns that may be copied."""
    templates = [
        ("petition", _("A petition")),
        ("appeal", _("A petition with donations")),
        (EMPTY, _("An empty page")),
    ]
    return {"templates": templates, "campaigns": campaigns}


def find_start(query: Mapping[str, str]) -> Start:
    """What the page's address asks for; an empty form where it asks for nothing that there is."""
    copied = next((one for one in visible_campaigns() if one.slug == query.get("copy")), None)
    if copied is not None:
        return Start(f"copy:{copied.slug}", _copy(copied))
    key = query.get("template", "")
    return Start(key, _BASIC | _TEMPLATES[key]()) if key in _TEMPLATES else Start(EMPTY, dict(_BASIC))


def _copy(found: Campaign) -> dict[str, Any]:
    """The words and settings of a campaign, with its budget and milestones; nobody's signature or gift comes along."""
    session = db.session()
    lines = list_budget(session, found.id)
    wanted = {one.count: one.label for one in list_thresholds(session, found.id)}
    values = campaign_values(found, current_demand(session, found.id).text)
    return {name: value for name, value in values.items() if name in CampaignForm.__dict__ and name not in _OWN} | {
        "title": _("Copy of %(title)s", title=found.title),
        "budget": shown_budget([(line.purpose, line.amount_minor) for line in lines], found.currency),
        "milestones": shown_thresholds(wanted),
        "edition": None,
    }
