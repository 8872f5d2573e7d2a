"""What helps people to pass a campaign on: the card of social networks, QR codes, the sheet for signing on paper."""

from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from flask import Response, request
from flask.typing import ResponseReturnValue

from campaign.campaigns.models import Campaign, CampaignState
from campaign.campaigns.queries import current_demand
from campaign.core import clock
from campaign.core.database import db
from campaign.core.http.public_forms import clean_source
from campaign.core.kept_files import KeptFiles
from campaign.core.lettering import Lettering
from campaign.core.paper import Style
from campaign.core.qr import qr_png, qr_svg
from campaign.public.blueprint import bp
from campaign.public.campaigns import get_campaign, page_language, page_links
from campaign.reports.card import CardFacts, draw_card
from campaign.reports.organisation import organisation_facts
from campaign.reports.printing import print_style
from campaign.reports.sheet import SOURCE, SheetFacts, print_sheet
from campaign.reports.summary import campaign_count
from campaign.settings import ROOT, current_settings

CARD_SECONDS, SHEET_SECONDS = 300, 86_400
_CODES = {"svg": (qr_svg, "image/svg+xml"), "png": (qr_png, "image/png")}


@cache
def _lettering() -> Lettering:
    return Lettering(ROOT / "static" / "fonts" / "source-serif-4-latin-600.woff2")


@cache
def _kept(folder: Path, seconds: int) -> KeptFiles:
    return KeptFiles(folder, seconds=seconds)


def _style(language: str) -> Style:
    settings = current_settings()
    return print_style(settings, language, organisation=organisation_facts(db.session(), settings))


def source_link(slug: str, source: str) -> str:
    """The campaign's page, saying where the reader came from."""
    address = page_links().campaign(slug)
    return f"{address}?{urlencode({'source': source})}" if source else address


@bp.get("/campaigns/<slug>/card.png")
def card(slug: str) -> ResponseReturnValue:
    """The card, drawn at most every few minutes however often it is asked for."""
    found, language = get_campaign(slug), page_language()
    cards = _kept(current_settings().storage / "cards", CARD_SECONDS)

    def draw() -> bytes:
        count = campaign_count(db.session(), found, now=clock.now())
        facts = CardFacts(found.title, count, found.state is CampaignState.CLOSED)
        return draw_card(facts, _style(language), _lettering())

    path = cards.get(f"{found.id}-{language}.png", draw, changed_at=found.updated_at.timestamp())
    return _sent(path, "image/png", CARD_SECONDS)


@bp.get("/campaigns/<slug>/qr.<any(svg, png):kind>")
def qr(slug: str, kind: str) -> ResponseReturnValue:
    """A QR code of the campaign's page, with the `source` that was asked for."""
    found = get_campaign(slug)
    make, mimetype = _CODES[kind]
    body = make(source_link(found.slug, clean_source(request.args.get("source"))))
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = f"public, max-age={SHEET_SECONDS}"
    return response


@bp.get("/campaigns/<slug>/sheet.pdf")
def sheet(slug: str) -> ResponseReturnValue:
    """The sheet for signing on paper."""
    found, language = get_campaign(slug), page_language()
    sheets = _kept(current_settings().storage / "sheets", SHEET_SECONDS)

    def draw() -> bytes:
        return print_sheet(_sheet_facts(found), _style(language), now=clock.now())

    path = sheets.get(f"{found.id}-{language}.pdf", draw, changed_at=found.updated_at.timestamp())
    return _sent(path, "application/pdf", CARD_SECONDS)


def _sheet_facts(found: Campaign) -> SheetFacts:
    return SheetFacts(
        title=found.title,
        target=found.target,
        demand=current_demand(db.session(), found.id).text,
        names_to_target=found.names_to_target,
        address=source_link(found.slug, SOURCE),
        shown_address=page_links().campaign(found.slug).partition("://")[2],
        privacy=page_links().privacy().partition("://")[2],
    )


def _sent(path: Path, mimetype: str, seconds: int) -> Response:
    response = Response(path.read_bytes(), mimetype=mimetype)
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
