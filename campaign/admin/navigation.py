"""What stands around every page of the staff: who is signed in, and the ways that their roles open."""

from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _

from campaign.admin.access import may
from campaign.admin.figures import awaiting_comments, awaiting_messages, limited, reported_comments, signature_counts
from campaign.admin.security import is_staff_path, signed_in
from campaign.campaigns.models import Campaign
from campaign.petitions.models import SignatureState


@dataclass(frozen=True)
class Way:
    """An entry of the navigation."""

    label: str
    url: str
    current: bool
    count: int | str | None = None


def page_context() -> dict[str, Any]:
    """Values for the templates below `/admin`; nothing for other pages."""
    if not is_staff_path(request.path):
        return {}
    staff = signed_in()
    if staff is None:
        return {"staff": None, "nav": []}
    campaign = g.get("campaign")
    return {
        "staff": staff,
        "nav": _site_ways() if campaign is None else _campaign_ways(campaign),
        "campaign": campaign,
        "logout_url": url_for("security.logout"),
    }


def _way(
    label: str, endpoint: str, campaign: Campaign | None = None, count: int | str | None = None, **query: str
) -> Way:
    values: dict[str, Any] = {"slug": campaign.slug, **query} if campaign else query
    url = url_for(endpoint, **values)
    family = endpoint.rpartition("_")[0] or endpoint
    current = request.endpoint == endpoint or (request.endpoint or "").startswith(f"{family}_")
    return Way(label=label, url=url, current=current, count=count or None)


def _site_ways() -> list[Way]:
    entries = [
        (_("Overview"), "admin.overview"),
        (_("Campaigns"), "admin.campaigns"),
        (_("Gift Aid"), "admin.gift_aid_page"),
        (_("Mail"), "admin.mail"),
        (_("Stripe"), "admin.stripe"),
        (_("Record of actions"), "admin.audit"),
        (_("People and roles"), "admin.staff"),
        (_("Organisation"), "admin.settings"),
    ]
    return [_way(label, endpoint) for label, endpoint in entries if may(endpoint)]


def _campaign_ways(campaign: Campaign) -> list[Way]:
    ways = [_way(_("Overview"), "admin.overview")]
    if may("admin.signatures", campaign):
        held, awaiting = signature_counts()[SignatureState.HELD], awaiting_comments()
        reads_comments = request.args.get("comment") == "awaiting"
        signatures = _way(_("Signatures"), "admin.signatures", campaign, held, state="held")
        comments = _way(_("Comments"), "admin.signatures", campaign, awaiting and limited(awaiting), comment="awaiting")
        ways.append(Way(signatures.label, signatures.url, signatures.current and not reads_comments, signatures.count))
        ways.append(Way(comments.label, comments.url, comments.current and reads_comments, comments.count))
    if may("admin.reports", campaign):
        ways.append(_way(_("Reported comments"), "admin.reports", campaign, reported_comments()))
    if may("admin.messages", campaign):
        ways.append(_way(_("Donors’ messages"), "admin.messages", campaign, awaiting_messages()))
    entries = [
        (_("Donations"), "admin.donations"),
        (_("Offline gifts"), "admin.offline_gifts"),
        (_("Where the money goes"), "admin.spending_page"),
        (_("Statistics"), "admin.statistics"),
        (_("Articles"), "admin.sources"),
        (_("Updates"), "admin.updates"),
        (_("Mailings"), "admin.mailings"),
        (_("Supporters"), "admin.supporters"),
        (_("Pictures"), "admin.pictures"),
        (_("Passing it on"), "admin.sharing"),
        (_("Answers"), "admin.answers"),
        (_("Goals"), "admin.goals"),
        (_("Screening"), "admin.screening"),
        (_("Trends"), "admin.trends"),
        (_("Reject in bulk"), "admin.invalidations"),
        (_("Collected elsewhere"), "admin.tallies"),
        (_("Imports"), "admin.imports"),
        (_("Exports"), "admin.exports"),
        (_("Hand-overs"), "admin.handovers"),
        (_("Discreet mail"), "admin.discreet"),
        (_("Campaign text"), "admin.campaign_edit"),
    ]
    ways += [_way(label, endpoint, campaign) for label, endpoint in entries if may(endpoint, campaign)]
    return ways + _site_ways()[1:]
