"""Looking at a campaign before readers do: its Markdown while it is written, and the secret link to its draft."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import current_campaign
from campaign.admin.blueprint import bp
from campaign.campaigns.drafts import close_preview, open_preview
from campaign.campaigns.models import Campaign
from campaign.core.database import transaction
from campaign.core.http.uploads import takes_long_field
from campaign.core.links import links_for
from campaign.core.text import clean_block, render_markdown
from campaign.core.tokens import Purpose, Tokens
from campaign.settings import current_settings

LONGEST_SENT = 256 * 1024


@bp.post("/text-preview")
@takes_long_field(LONGEST_SENT)
def text_preview() -> ResponseReturnValue:
    """A text as the pages show it; kept nowhere."""
    return str(render_markdown(clean_block(request.form.get("text", ""))))


@bp.post("/campaigns/<slug>/preview")
def campaign_preview(slug: str) -> ResponseReturnValue:
    """Make the secret link work, or take it back."""
    found = current_campaign()
    with transaction() as session:
        if request.form.get("action") == "close":
            close_preview(session, found.id)
            flash(_("Taken back. Links that were passed on lead nowhere now."), "success")
        else:
            open_preview(session, found.id)
            flash(_("The link works. Whoever has it can see the draft."), "success")
    return redirect(url_for("admin.campaign_edit", slug=slug, _anchor="preview-link"), 303)


def preview_link(campaign: Campaign) -> str | None:
    """The secret link to a draft, dated now; None while it is closed."""
    if not campaign.preview_open:
        return None
    settings = current_settings()
    token = Tokens(settings.secret_key).make(Purpose.PREVIEW, campaign.id, campaign.preview_version)
    return links_for(settings.address, settings.languages, settings.languages[0]).preview(token)
