"""How each mail looks, in every language, with invented contents; and whether a campaign's mails are discreet."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign, visible_campaigns
from campaign.admin.blueprint import bp
from campaign.campaigns.discretion import set_discreet
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.core.http.framed import mail_frame, page_with_frame
from campaign.core.links import links_for
from campaign.mail.models import NEVER_DISCREET
from campaign.mail.rendering import RenderedMail, make_renderer
from campaign.reports.mail_samples import SAMPLES, sample_context
from campaign.reports.organisation import organisation_facts
from campaign.settings import current_settings


@dataclass(frozen=True)
class Chosen:
    """What is looked at."""

    kind: str
    language: str
    campaign: Campaign
    discreet: bool


def _chosen() -> Chosen:
    """From the query; whatever it does not say is the first there is. Raises NotFound for what there is not."""
    campaigns, languages = visible_campaigns(), current_settings().languages
    kind = request.args.get("kind") or next(iter(SAMPLES))
    language = request.args.get("language") or languages[0]
    slug = request.args.get("campaign")
    found = [one for one in campaigns if one.slug == slug] if slug else campaigns
    if kind not in SAMPLES or language not in languages or (slug and not found):
        raise NotFound("There is no such mail.")
    campaign = found[0] if found else Campaign(slug="sample", title=_("A campaign"), short_name=_("A campaign"))
    return Chosen(kind, language, campaign, bool(request.args.get("discreet") or campaign.discreet))


def _query(chosen: Chosen) -> dict[str, Any]:
    slug = chosen.campaign.slug if chosen.campaign.id else None
    discreet = "1" if chosen.discreet else None
    return {"kind": chosen.kind, "language": chosen.language, "campaign": slug, "discreet": discreet}


def _render(chosen: Chosen) -> RenderedMail:
    settings = current_settings()
    links = links_for(settings.address, settings.languages, chosen.language)
    context = sample_context(chosen.kind, chosen.campaign, links, now=clock.now())
    context["organisation"] = organisation_facts(db.session(), settings)
    discreet = chosen.discreet and chosen.kind not in NEVER_DISCREET
    return make_renderer(settings).render(chosen.kind, chosen.language, context, discreet=discreet)


@bp.get("/mail/previews")
def mail_previews() -> ResponseReturnValue:
    """One mail with sender and subject, as HTML and as text, and the way to the others."""
    chosen, settings = _chosen(), current_settings()
    discreet = chosen.discreet and chosen.kind not in NEVER_DISCREET
    page = render_template(
        "admin/mail_previews.html",
        chosen=chosen,
        mail=_render(chosen),
        sender=settings.discreet_sender if discreet else settings.sender,
        kinds=list(SAMPLES),
        campaigns=visible_campaigns(),
        frame_url=url_for("admin.mail_preview_html", **_query(chosen)),
    )
    return page_with_frame(page)


@bp.get("/mail/previews/html")
def mail_preview_html() -> ResponseReturnValue:
    """The HTML part alone, for the frame."""
    return mail_frame(_render(_chosen()).html)


@bp.route("/campaigns/<slug>/discreet", methods=["GET", "POST"])
def discreet(slug: str) -> ResponseReturnValue:
    """Show what lists of mails tell of this campaign's, and change it."""
    found = current_campaign()
    if request.method == "POST":
        wanted = request.form.get("discreet") == "on"
        with transaction() as session:
            set_discreet(session, found, discreet=wanted, actor=actor(), now=clock.now())
        flash(_("Stored. It holds from the next mail on."), "success")
        return redirect(url_for("admin.discreet", slug=slug), 303)
    settings = current_settings()
    kinds = [kind for kind in SAMPLES if kind not in NEVER_DISCREET]
    language = settings.languages[0]
    subjects = [
        (kind, *(_render(Chosen(kind, language, found, quiet)).subject for quiet in (False, True))) for kind in kinds
    ]
    return render_template(
        "admin/discreet.html", subjects=subjects, senders=(settings.sender, settings.discreet_sender)
    )
