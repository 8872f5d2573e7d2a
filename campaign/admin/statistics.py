"""Charts and figures of one campaign, for every role: from the sums kept beside the count, never from signatures."""

import io
from datetime import date, datetime, timedelta

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.paging import parse_cursor
from campaign.petitions.models import Dimension
from campaign.petitions.rollups import STEPS
from campaign.reports.sources import HALF, NINE_IN_TEN, campaign_sources, write_csv
from campaign.reports.statistics import NOTHING, Statistics, campaign_delays, campaign_statistics, periods, together
from campaign.settings import current_settings

HOURS_SHOWN = 48
DAYS_OF_HOURS = 7
SOURCES_A_PAGE = 50


@bp.get("/campaigns/<slug>/statistics")
def statistics(slug: str) -> ResponseReturnValue:
    """What became of the forms: by day, by hour, by country, and how soon people confirm."""
    found, session, now = current_campaign(), db.session(), clock.now()
    figures = campaign_statistics(session, found.id, Dimension.ALL, Dimension.COUNTRY)
    delays = together(campaign_delays(session, found.id).values())
    week = _week(figures, now)
    series = figures.series(current_settings().zone)
    countries = sorted(figures.countries.items(), key=lambda one: (-one[1].counted, -one[1].sent, one[0]))
    return render_template(
        "admin/statistics.html",
        total=figures.total,
        periods=periods(series.days),
        earlier=series.earlier,
        hours=figures.last_hours(HOURS_SHOWN, now),
        week=week,
        week_steps=_shades([number for _, numbers in week for number in numbers if number]),
        countries=[one for one in countries if one[1].sent or one[1].counted],
        delays=delays,
        steps=[(step, delays.steps.get(step, 0)) for step in STEPS],
        half=delays.percentile(HALF),
        nine_in_ten=delays.percentile(NINE_IN_TEN),
        now=now,
        time_zone=current_settings().time_zone,
    )


def _week(figures: Statistics, now: datetime) -> list[tuple[date, list[int | None]]]:
    """The links pressed in each hour of the last days, by day; None for hours that have not come. Oldest day first."""
    zone = current_settings().zone
    pressed: dict[tuple[date, int], int] = {}
    for start, one in figures.last_hours(DAYS_OF_HOURS * 24 + 24, now):
        local = start.astimezone(zone)
        key = (local.date(), local.hour)
        pressed[key] = pressed.get(key, 0) + one.pressed
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=number) for number in reversed(range(DAYS_OF_HOURS))]
    last = (today, now.astimezone(zone).hour)
    return [(day, [pressed.get((day, hour), 0) if (day, hour) <= last else None for hour in range(24)]) for day in days]


def _shades(numbers: list[int]) -> list[int]:
    """Up to which number each of four shades goes: an hour that stands out must not make all others look alike."""
    ordered = sorted(numbers) or [1]
    return [ordered[round((len(ordered) - 1) * share)] for share in (0.3, 0.6, 0.9, 1)]


@bp.get("/campaigns/<slug>/sources")
def sources(slug: str) -> ResponseReturnValue:
    """Which article brought what, those with the most signatures first."""
    found = campaign_sources(db.session(), current_campaign().id)
    start = parse_cursor(request.args.get("start")) or 0
    end = start + SOURCES_A_PAGE
    return render_template(
        "admin/sources.html",
        sources=found[start:end],
        most=max((source.figures.counted for source in found), default=0),
        total=sum((source.figures for source in found), NOTHING),
        first_url=url_for("admin.sources", slug=slug) if start else None,
        next_url=url_for("admin.sources", slug=slug, start=end) if found[end:] else None,
        half=HALF,
    )


@bp.get("/campaigns/<slug>/sources.csv")
def sources_file(slug: str) -> ResponseReturnValue:
    """The same as a file, all of it; like every list that leaves, it is in the trail."""
    campaign = current_campaign()
    with transaction() as session:
        record(
            session, actor=actor(), action="sources.exported", object_type="campaign", object_id=slug,
            now=clock.now(), campaign_id=campaign.id,
        )  # fmt: skip
    text = io.StringIO()
    write_csv(campaign_sources(db.session(), campaign.id), text)
    response = Response(text.getvalue().encode(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="sources-{slug}.csv"'
    return response
