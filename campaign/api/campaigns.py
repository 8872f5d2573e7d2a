"""Campaigns and their updates, for anybody's page or script."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from campaign.api.schemas import CampaignList, CampaignSchema, PageQuery, StatisticsSchema, UpdateList
from campaign.campaigns import queries
from campaign.campaigns.models import Campaign, CampaignState, Update
from campaign.core import clock
from campaign.core.database import db
from campaign.core.http.headers import cacheable
from campaign.core.links import Links
from campaign.reports.public_statistics import SMALLEST, public_statistics
from campaign.reports.summary import campaign_counts, gifts_of_campaigns
from campaign.settings import current_settings

bp = Blueprint("api", "campaign", url_prefix="/api/v1", description="Campaigns, their numbers and their updates.")


@bp.after_request
def allow_any_origin(response: Response) -> Response:
    """Any site may show these numbers; they are the same for everybody."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.get("/campaigns")
@bp.arguments(PageQuery, location="query")
@bp.response(200, CampaignList)
@cacheable
def campaigns(page: dict[str, Any]) -> dict[str, Any]:
    """The campaigns that readers may see, newest first."""
    found = queries.list_public_campaigns(db.session(), now=clock.now(), after=page["cursor"], limit=page["limit"])
    return {"items": _described(list(found.items)), "next": found.next}


@bp.get("/campaigns/<slug>")
@bp.response(200, CampaignSchema)
@cacheable
def campaign(slug: str) -> dict[str, Any]:
    """One campaign."""
    return _described([_living(slug)])[0]


@bp.get("/campaigns/<slug>/updates")
@bp.arguments(PageQuery, location="query")
@bp.response(200, UpdateList)
@cacheable
def updates(page: dict[str, Any], slug: str) -> dict[str, Any]:
    """A campaign's published updates, newest first."""
    found = queries.page_of_updates(db.session(), _living(slug).id, after=page["cursor"], limit=page["limit"])
    return {"items": [_told(update, slug) for update in found.items], "next": found.next}


@bp.get("/campaigns/<slug>/statistics")
@bp.response(200, StatisticsSchema)
@cacheable
def statistics(slug: str) -> dict[str, Any]:
    """A campaign's confirmed signatures per day and per country."""
    zone = current_settings().zone
    found = public_statistics(db.session(), _living(slug).id, zone=zone)
    return {
        "slug": slug,
        "confirmed": found.confirmed,
        "time_zone": zone.key,
        "smallest_cell": SMALLEST,
        "earlier": found.earlier,
        "per_day": [{"date": day, "confirmed": count} for day, count in found.days],
        "per_country": [{"country": code, "confirmed": count} for code, count in found.countries],
        "other_countries": found.other_countries,
    }


def _living(slug: str) -> Campaign:
    found = queries.get_public_campaign(db.session(), slug, now=clock.now())
    found.refuse_if_withdrawn()
    return found


def _links() -> Links:
    return Links(current_settings().address)


def _described(found: list[Campaign]) -> list[dict[str, Any]]:
    now = clock.now()
    counts = campaign_counts(db.session(), found, now=now)
    gifts = gifts_of_campaigns(db.session(), found)
    return [
        {
            "slug": row.slug,
            "title": row.title,
            "url": _links().campaign(row.slug),
            "state": row.state if row.is_open(now) else CampaignState.CLOSED,
            "signatures": {"confirmed": counts[row.id].confirmed, "goal": row.goal},
            "donations": gifts[row.id],
            "updated_at": row.updated_at,
        }
        for row in found
    ]


def _told(update: Update, slug: str) -> dict[str, Any]:
    return {
        "public_id": update.public_id,
        "kind": update.kind,
        "title": update.title,
        "body": update.body,
        "url": _links().update(slug, update.public_id),
        "link": update.link,
        "published_at": update.published_at,
        "updated_at": update.updated_at,
        "delivery": update.delivery,
        "corrections": [
            {"corrected_at": line.corrected_at, "parts": line.list_parts(), "note": line.note}
            for line in update.corrections
        ],
    }
