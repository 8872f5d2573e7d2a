"""Updates and mailings as the mails that supporters would get, for editors to look at before they send them."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from campaign.campaigns.models import Campaign, Update
from campaign.core.database import db
from campaign.core.links import links_for
from campaign.mail.rendering import RenderedMail, make_renderer
from campaign.reports.mailing_mail import UPDATE_MAIL
from campaign.reports.organisation import organisation_facts
from campaign.settings import Settings

# The mail has styles of its own, and nothing in it may do anything.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


def render_update(settings: Settings, campaign: Campaign, told: Update, language: str) -> RenderedMail:
    """The mail to nobody in particular: where each one's own link would stand, stands a row of dots."""
    links = links_for(settings.address, settings.languages, language)
    context = {
        "campaign": campaign,
        "update": told,
        "update_url": links.update(campaign.slug, told.public_id),
        "campaign_url": links.campaign(campaign.slug),
        "unsubscribe_url": f"{links.home()}unsubscribe/…",
    }
    return render_mail(settings, UPDATE_MAIL, language, context)


def render_mail(settings: Settings, template: str, language: str, context: Mapping[str, Any]) -> RenderedMail:
    """Any mail to nobody in particular, from the templates in one folder of `templates/mail/`."""
    organisation = organisation_facts(db.session(), settings)
    privacy_url = links_for(settings.address, settings.languages, language).privacy()
    values = {"organisation": organisation, "privacy_url": privacy_url, **context}
    return make_renderer(settings).render(template, language, values, discreet=context["campaign"].discreet)


def as_page(mail: RenderedMail) -> Response:
    """The HTML part alone."""
    return Response(mail.html, headers={"Content-Security-Policy": MAIL_POLICY})
