"""The first page after sign-in: what needs attention now, and each campaign in figures."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from campaign.admin.access import may, visible_campaigns
from campaign.admin.blueprint import bp
from campaign.admin.figures import limited
from campaign.campaigns.models import Campaign
from campaign.campaigns.updates import count_unpublished
from campaign.core import clock
from campaign.core.database import db
from campaign.donations import oversight
from campaign.donations.messages import count_awaiting
from campaign.mail.health import mail_trouble
from campaign.petitions import export_jobs, queue, tally
from campaign.petitions.models import SignatureState
from campaign.petitions.reporting import count_reported
from campaign.reports.glance import Glance, campaign_glances
from campaign.reports.summary import Given, gifts_of_campaigns
from campaign.settings import current_settings

MOST_WITH_CHARTS = 3


@dataclass(frozen=True)
class Card:
    """A campaign in figures; its last days and articles where it is one of the open ones with charts."""

    campaign: Campaign
    confirmed: int
    pending: int
    given: list[Given]
    glance: Glance | None


@dataclass(frozen=True)
class Task:
    """Something to do: a sentence, and where it is done, if somewhere."""

    words: str
    url: str | None


@bp.get("/")
def overview() -> ResponseReturnValue:
    """What needs attention now."""
    session, campaigns = db.session(), visible_campaigns()
    counts = tally.many_counts(session, [campaign.id for campaign in campaigns])
    given = gifts_of_campaigns(session, campaigns)
    now, zone = clock.now(), current_settings().zone
    with_charts = [campaign.id for campaign in campaigns if campaign.is_open(now)][:MOST_WITH_CHARTS]
    glances = campaign_glances(session, with_charts, zone=zone, now=now)
    cards = [
        Card(
            campaign=campaign,
            confirmed=counts[campaign.id][SignatureState.CONFIRMED],
            pending=counts[campaign.id][SignatureState.PENDING],
            given=given[campaign.id],
            glance=glances.get(campaign.id),
        )
        for campaign in campaigns
    ]
    tasks = _campaign_tasks(session, campaigns, counts) + _mail_tasks(session) + _stripe_tasks(session)
    return render_template("admin/overview.html", cards=cards, tasks=tasks)


def _campaign_tasks(
    session: Session, campaigns: list[Campaign], counts: dict[int, dict[SignatureState, int]]
) -> list[Task]:
    """For each campaign what this person may do about it; a finished export only for those who may fetch it."""
    ids = [campaign.id for campaign in campaigns]
    comments = queue.count_awaiting_comments(session, ids)
    messages, reported = count_awaiting(session, ids), count_reported(session, ids)
    unpublished = count_unpublished(session, ids)
    ready = export_jobs.campaigns_with_ready(session, ids)
    tasks = []
    for campaign in campaigns:
        links: list[tuple[str, dict[str, Any], str | None]] = [
            ("admin.signatures", {"state": "held"}, _held_words(counts[campaign.id][SignatureState.HELD])),
            ("admin.signatures", {"comment": "awaiting"}, _comment_words(comments[campaign.id])),
            ("admin.reports", {}, _report_words(reported[campaign.id])),
            ("admin.messages", {}, _message_words(messages[campaign.id])),
            ("admin.updates", {}, _update_words(unpublished[campaign.id])),
            ("admin.exports", {}, _("An export is ready") if campaign.id in ready else None),
        ]
        tasks += [
            Task(f"{words} ({campaign.short_name})", url_for(endpoint, slug=campaign.slug, **query))
            for endpoint, query, words in links
            if words and may(endpoint, campaign)
        ]
    return tasks


def _held_words(number: int) -> str | None:
    return ngettext("%(num)s signature needs a person", "%(num)s signatures need a person", number) if number else None


def _comment_words(number: int) -> str | None:
    if not number:
        return None
    return str(ngettext("%(count)s comment to read", "%(count)s comments to read", number, count=limited(number)))


def _report_words(number: int) -> str | None:
    return ngettext("%(num)s comment reported", "%(num)s comments reported", number) if number else None


def _message_words(number: int) -> str | None:
    return ngettext("%(num)s donor’s message to read", "%(num)s donors’ messages to read", number) if number else None


def _update_words(number: int) -> str | None:
    return ngettext("%(num)s update not yet out", "%(num)s updates not yet out", number) if number else None


def _stripe_tasks(session: Session) -> list[Task]:
    """What about payments waits for a person, for those who may do something about it."""
    waiting = oversight.count_to_look_at(session) if may("admin.stripe") else 0
    if not waiting:
        return []
    words = ngettext("%(num)s payment matter needs a person", "%(num)s payment matters need a person", waiting)
    return [Task(words, url_for("admin.stripe"))]


def _mail_tasks(session: Session) -> list[Task]:
    trouble = mail_trouble(session, now=clock.now())
    url = url_for("admin.mail") if may("admin.mail") else None
    tasks = []
    if trouble.late:
        words = ngettext(
            "%(num)s mail has waited for more than five minutes",
            "%(num)s mails have waited for more than five minutes",
            trouble.late,
        )
        tasks.append(Task(words, url))
    if trouble.failed:
        words = ngettext(
            "%(num)s mail of the last week could not be delivered",
            "%(num)s mails of the last week could not be delivered",
            trouble.failed,
        )
        tasks.append(Task(words, url))
    return tasks
