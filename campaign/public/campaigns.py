"""Home, the campaign's page, its updates and their feed."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.campaigns import queries
from campaign.campaigns.answers import find_answers
from campaign.campaigns.consents import shown_versions
from campaign.campaigns.handovers import has_public_handover, list_handovers
from campaign.campaigns.models import Campaign, CampaignState, Demand, ShareWay
from campaign.campaigns.pictures import find_leading
from campaign.campaigns.share_texts import list_share_texts
from campaign.campaigns.spending import list_payouts, spending_by_purpose
from campaign.core import clock
from campaign.core.database import db
from campaign.core.http.headers import cacheable
from campaign.core.http.languages import request_language
from campaign.core.http.public_forms import SignForm, clean_source
from campaign.core.links import Links, links_for
from campaign.core.masking import mask
from campaign.core.money import parse_amount
from campaign.core.paging import parse_cursor
from campaign.donations.messages import list_published
from campaign.petitions.queries import list_public_signers
from campaign.petitions.signing import CONSENT_VERSION
from campaign.public.blueprint import bp
from campaign.public.sharing import share_links
from campaign.reports.money import balances
from campaign.reports.summary import campaign_count, campaign_counts, campaign_gifts
from campaign.settings import current_settings

UPDATES_SHOWN = 4
MESSAGES_SHOWN = 3
UPDATES_A_PAGE = 20
UPDATES_IN_FEED = 50
COMMENT_MASK = "comment"


def page_language() -> str:
    """The language of the page asked for."""
    return request_language(current_settings().languages[0])


def page_links() -> Links:
    """Absolute links in the language of the page."""
    settings = current_settings()
    return links_for(settings.address, settings.languages, page_language())


def suggested_amounts(campaign: Campaign) -> list[int]:
    """The amounts offered, in minor units; empty where the campaign takes no gifts now."""
    if not campaign.takes_gifts(clock.now()):
        return []
    return read_amounts(campaign)


def read_amounts(campaign: Campaign) -> list[int]:
    """The amounts that the campaign suggests, in minor units."""
    return [parse_amount(amount, campaign.currency) for amount in campaign.suggested_amounts.split(",")]


def sign_form(campaign: Campaign, demand: Demand) -> SignForm:
    """An empty sign form beside those words of the demand, carrying the source that the link named."""
    return SignForm(
        formdata=None,
        language=page_language(),
        demand=demand.version,
        names_to_target=campaign.names_to_target,
        consents=shown_versions(campaign, CONSENT_VERSION),
        data={"country": campaign.country, "source": clean_source(request.args.get("source"))},
    )


@bp.get("/")
@cacheable
def home() -> ResponseReturnValue:
    """The open campaigns."""
    now = clock.now()
    campaigns = queries.list_open_campaigns(db.session(), now=now)
    counts = campaign_counts(db.session(), campaigns, now=now)
    entries = [{"campaign": campaign, "count": counts[campaign.id]} for campaign in campaigns]
    return render_template("public/home.html", campaigns=entries)


@bp.get("/campaigns/<slug>")
@cacheable
def campaign(slug: str) -> ResponseReturnValue:
    """The campaign's page: what is asked, of whom, the count, the form, the gifts, the news."""
    now = clock.now()
    found = queries.get_public_campaign(db.session(), slug, now=now)
    if found.state is CampaignState.WITHDRAWN:
        return render_template("public/withdrawn.html", campaign=found), 410
    return render_template("public/campaign.html", **campaign_context(found))


def campaign_context(found: Campaign) -> dict[str, Any]:
    """What the campaign's page shows."""
    session, now = db.session(), clock.now()
    url = page_links().campaign(found.slug)
    demand = queries.current_demand(session, found.id)
    return {
        "campaign": found,
        "demand": demand,
        "lead": find_leading(session, found.id),
        "answers": find_answers(session, found.id),
        "count": campaign_count(session, found, now=now),
        "form": sign_form(found, demand) if found.is_open(now) else None,
        "amounts": suggested_amounts(found),
        "updates": queries.list_updates(session, found.id, UPDATES_SHOWN),
        "updates_count": queries.count_updates(session, found.id),
        "handed_over": has_public_handover(session, found.id),
        "signers": list_public_signers(session, found.id),
        "comment_mask": comment_mask,
        "messages": list_published(session, found.id, MESSAGES_SHOWN),
        "share": share_links(url, share_words(found)),
        "card_url": f"{url}/card.png",
        "page_url": url,
        "source": clean_source(request.args.get("source")),
        **_money_context(found),
    }


def _money_context(found: Campaign) -> dict[str, Any]:
    """What was given, here and elsewhere, and what it was spent on."""
    session = db.session()
    return {
        "donations": campaign_gifts(session, found),
        "fundraiser": _fundraiser(found),
        "deliveries": queries.list_deliveries(session, found.id),
        "aid_totals": [
            {"item": item, "quantity": quantity} for item, quantity in queries.aid_totals(session, found.id)
        ],
    }


def comment_mask(signature_id: int) -> str:
    """What stands for a comment in addresses."""
    return mask(current_settings().hash_key, COMMENT_MASK, signature_id)


def share_words(found: Campaign) -> dict[ShareWay, str]:
    """What somebody says who passes the campaign on: what its editors wrote for the way, else a sentence of ours."""
    ours = str(_("I have signed this petition: %(title)s. Will you?", title=found.title))
    return dict.fromkeys(ShareWay, ours) | list_share_texts(db.session(), found.id)


def _fundraiser(found: Campaign) -> dict[str, Any] | None:
    if not found.fundraiser_url:
        return None
    return {
        "url": found.fundraiser_url,
        "label": found.fundraiser_label or found.fundraiser_url,
        "amount_minor": found.fundraiser_amount_minor,
        "currency": found.currency,
        "as_of": found.fundraiser_as_of,
    }


@bp.get("/campaigns/<slug>/updates")
@cacheable
def updates(slug: str) -> ResponseReturnValue:
    """The campaign's updates, newest first, in keyset pages."""
    found = get_campaign(slug)
    after = parse_cursor(request.args.get("cursor"))
    page = queries.page_of_updates(db.session(), found.id, after=after, limit=UPDATES_A_PAGE)
    next_url = url_for("public.updates", slug=slug, cursor=page.next) if page.next else None
    return render_template("public/updates.html", campaign=found, updates=page.items, next_url=next_url)


@bp.get("/campaigns/<slug>/updates/<update>")
@cacheable
def update(slug: str, update: str) -> ResponseReturnValue:
    """One update; of one that was withdrawn, when and why."""
    found = get_campaign(slug)
    withdrawn = queries.find_withdrawn_update(db.session(), found.id, update)
    if withdrawn is not None:
        return render_template("public/update_withdrawn.html", campaign=found, update=withdrawn), 410
    told = queries.get_published_update(db.session(), found.id, update)
    url = page_links().update(slug, update)
    return render_template("public/update.html", campaign=found, update=told, page_url=url)


@bp.get("/campaigns/<slug>/updates.atom")
@cacheable
def updates_feed(slug: str) -> ResponseReturnValue:
    """The updates as an Atom feed (RFC 4287)."""
    found = get_campaign(slug)
    told = queries.list_updates(db.session(), found.id, UPDATES_IN_FEED)
    body = render_template("public/updates.atom.xml", campaign=found, updates=told, links=page_links())
    return Response(body, mimetype="application/atom+xml")


@bp.get("/campaigns/<slug>/handovers")
@cacheable
def handovers(slug: str) -> ResponseReturnValue:
    """When and to whom the petition was handed over, and what was answered."""
    found = get_campaign(slug)
    told = list_handovers(db.session(), found.id, public_only=True)
    return render_template("public/handovers.html", campaign=found, handovers=told)


@bp.get("/campaigns/<slug>/money")
@cacheable
def money(slug: str) -> ResponseReturnValue:
    """Where the money goes: what was given, and what it bought."""
    found, session = get_campaign(slug), db.session()
    context = _money_context(found)
    return render_template(
        "public/money.html",
        campaign=found,
        balances=balances(session, found, context["donations"]),
        spending=spending_by_purpose(session, found.id),
        payouts=list_payouts(session, found.id, with_taken_back=False),
        **context,
    )


def get_campaign(slug: str) -> Campaign:
    """The campaign that a reader asks for. Raises NotFound for a draft, Closed for one that was withdrawn."""
    found = queries.get_public_campaign(db.session(), slug, now=clock.now())
    found.refuse_if_withdrawn()
    return found
