"""A campaign before readers see it, for whoever has the secret link: nothing on the page can be sent or kept."""

from datetime import timedelta

from flask import Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from campaign.campaigns.drafts import get_previewed
from campaign.campaigns.models import Campaign, CampaignState
from campaign.campaigns.queries import current_demand
from campaign.core import clock
from campaign.core.database import db
from campaign.core.tokens import Purpose, Tokens
from campaign.public.blueprint import bp
from campaign.public.campaigns import campaign_context, read_amounts, sign_form
from campaign.public.themes import style_sheet
from campaign.settings import current_settings

LINK_LIFE = timedelta(days=30)


def _previewed(token: str) -> Campaign:
    """The campaign behind the link. Raises TokenError or NotFound."""
    read = Tokens(current_settings().secret_key).read(Purpose.PREVIEW, token, LINK_LIFE)
    return get_previewed(db.session(), read)


@bp.get("/preview/<token>")
def preview(token: str) -> ResponseReturnValue:
    """The page as readers will see it; once they see it themselves, the way to the real one."""
    found = _previewed(token)
    if found.is_public(clock.now()):
        return redirect(url_for("public.campaign", slug=found.slug))
    demand = current_demand(db.session(), found.id)
    will_open = found.state in (CampaignState.DRAFT, CampaignState.PUBLISHED)
    context = campaign_context(found) | {
        "form": sign_form(found, demand) if will_open else None,
        "amounts": read_amounts(found) if will_open and found.takes_donations else [],
        "preview": token,
    }
    response = make_response(render_template("public/campaign.html", **context))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/preview/<token>/theme.css")
def preview_theme(token: str) -> Response:
    """The colours of that page."""
    response = Response(style_sheet(_previewed(token)), mimetype="text/css")
    response.headers["X-Robots-Tag"] = "noindex"
    return response
