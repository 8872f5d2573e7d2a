"""What the editor's pages say: names of fields, what was refused, what the checklist looks at."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from campaign.admin.access import may
from campaign.admin.fields import shown_amount
from campaign.campaigns.checklist import Check, Item
from campaign.campaigns.edits import Problem
from campaign.campaigns.models import Campaign
from campaign.campaigns.revisions import Content, moment
from campaign.core.differences import differences
from campaign.settings import current_settings

# Fields of the form that are named otherwise than what is stored.
_FORM_NAMES = {
    "donation_goal_minor": "donation_goal",
    "donation_minimum_minor": "donation_minimum",
    "fundraiser_amount_minor": "fundraiser_amount",
}


def form_name(stored: str) -> str:
    """The form's name of a stored field."""
    return _FORM_NAMES.get(stored, stored)


def problem_sentence(problem: Problem) -> str:
    """What the room refused, in words."""
    sentences: dict[Problem, str] = {
        Problem.SLUG_TAKEN: _("Another campaign has this address, or had it. Choose another one."),
        Problem.CURRENCY_FIXED: _("The currency stays as it is after publication: gifts are counted in it."),
        Problem.NOTE_MISSING: _("Say publicly what changed in the demand and why: people signed other words."),
        Problem.GOAL_NOTE_MISSING: _("Say publicly why the goal is changed: readers saw the other one."),
        Problem.DEMAND_MISSING: _("Write the demand: it is what people sign."),
        Problem.TARGET_MISSING: _("Write who is asked."),
        Problem.PICTURE_ALT_MISSING: _("Say in words what the picture shows, for people who do not see it."),
        Problem.CLOSING_PASSED: _("The closing time has passed. Choose a later one, or none."),
        Problem.MOVE_UNKNOWN: _("The campaign cannot go to that state from where it is."),
    }
    return sentences[problem]


def field_names() -> dict[str, str]:
    """What the form calls its fields."""
    return {
        "title": _("Title"),
        "slug": _("Address"),
        "short_name": _("Short name"),
        "summary": _("Summary"),
        "story": _("Story"),
        "target": _("Who is asked"),
        "demand": _("The demand"),
        "goal": _("Goal"),
        "country": _("Country"),
        "currency": _("Currency"),
        "takes_donations": _("This campaign takes donations"),
        "donation_goal": _("Goal for donations"),
        "donation_minimum": _("Smallest gift"),
        "suggested_amounts": _("Suggested amounts"),
        "monthly_amounts": _("Suggested amounts for every month"),
        "other_currencies": _("Other currencies"),
        "budget": _("Budget"),
        "milestones": _("Milestones"),
        "names_to_target": _("Names are handed to who is asked"),
        "picture_alt": _("Picture in words"),
        "picture_credit": _("Credit of the picture"),
        "embed_hosts": _("Sites that may show the call to action"),
        "privacy_text": _("Privacy in this campaign"),
        "consent_name": _("Words beside the box for being named"),
        "consent_updates": _("Words beside the box for news"),
        "theme_name": _("Name at the head of the pages"),
        "logo_text": _("Mark before the name"),
        "theme_colour": _("Colour of buttons and links"),
        "theme_accent": _("Colour of the donate button"),
        "fundraiser_url": _("Address of a fundraiser elsewhere"),
        "fundraiser_label": _("Its name"),
        "fundraiser_amount": _("Its total"),
        "fundraiser_as_of": _("Total as of"),
        "opens_at": _("Opens"),
        "closes_at": _("Closes"),
    }


def shown_value(content: Content, name: str) -> str:
    """A stored field as the form shows it."""
    value = content.get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name.endswith("_minor"):
        return f"{shown_amount(value, content['currency'])} {content['currency']}"
    if name.endswith(("_at", "_as_of")):
        at = moment(content, name)
        return at.astimezone(current_settings().zone).strftime("%Y-%m-%d %H:%M") if at else ""
    return str(value)


def changes(before: Content, after: Content, names: list[str]) -> list[dict[str, Any]]:
    """For each of the fields its name, its place in the form, and the pieces of its difference."""
    words = field_names()
    return [
        {
            "id": form_name(name),
            "name": words.get(form_name(name), name),
            "pieces": differences(shown_value(before, name), shown_value(after, name)),
        }
        for name in names
    ]


def checklist_lines(campaign: Campaign, found: list[Check]) -> list[dict[str, Any]]:
    """The checklist with words, and for what is missing the way to where it is written."""
    words: dict[Item, str] = {
        Item.SUMMARY: _("A summary: it stands below the title and in search results"),
        Item.DEMAND: _("The demand: it is what people sign"),
        Item.TARGET: _("Who is asked"),
        Item.STORY: _("The story: why the campaign is run"),
        Item.BLANKS: _("No words in [brackets] left from the template"),
        Item.CLOSING: _("A closing time that is still to come, or none"),
        Item.PICTURE: _("A picture"),
        Item.PICTURE_ALT: _("The picture in words, for people who do not see it"),
        Item.PICTURE_CREDIT: _("Who took the picture"),
        Item.BUDGET: _("What the donations are for"),
        Item.MILESTONES: _("Milestones: at which numbers of signatures you want to be told"),
        Item.EMBED_HOSTS: _("Sites whose articles may show the call to action"),
    }
    elsewhere = {Item.BUDGET: "admin.spending_page", Item.MILESTONES: "admin.goals"}
    anchors = {Item.BLANKS: "story", Item.CLOSING: "closes_at", Item.PICTURE: "picture", Item.PICTURE_CREDIT: "picture"}
    lines = []
    for check in found:
        endpoint = elsewhere.get(check.item, "admin.campaign_edit")
        anchor = None if check.item in elsewhere else anchors.get(check.item, check.item.value)
        url = url_for(endpoint, slug=campaign.slug, _anchor=anchor) if may(endpoint, campaign) else None
        lines.append({"words": words[check.item], "is_there": check.is_there, "stops": check.stops, "url": url})
    return lines
