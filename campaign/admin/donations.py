"""The gifts of a campaign: the list with its filters, and the way to whatever somebody has in hand."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.donation_filters import LONGEST, described, filters_of_request, query_of_request
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.core.paging import parse_cursor
from campaign.donations.listing import MOST_READ, find_by_reference, find_donors_latest, list_donations
from campaign.donations.models import DonationState, Payment
from campaign.donations.offers import currencies
from campaign.donations.queries import list_payments
from campaign.petitions.queue import list_sources
from campaign.settings import current_settings


@bp.get("/campaigns/<slug>/donations")
def donations(slug: str) -> ResponseReturnValue:
    """One page of gifts, newest first; a view of personal data in bulk, so it is in the trail."""
    found, after = current_campaign(), parse_cursor(request.args.get("after"))
    filters, query = filters_of_request(), query_of_request()
    with transaction() as session:
        record(
            session, actor=actor(), action="donations.viewed", object_type="campaign", object_id=found.slug,
            now=clock.now(), campaign_id=found.id, **described(filters),
        )  # fmt: skip
    page = list_donations(db.session(), found.id, filters, after=after)
    payments: dict[int, list[Payment]] = {}
    for payment in list_payments(db.session(), [donation.id for donation in page.items]):
        payments.setdefault(payment.donation_id, []).append(payment)
    return render_template(
        "admin/donations.html",
        page=page,
        payments=payments,
        states=list(DonationState),
        currencies=list(dict.fromkeys([*currencies(found), *([filters.currency] if filters.currency else [])])),
        sources=list_sources(db.session(), found.id),
        filters=filters,
        query=query,
        most_read=MOST_READ,
        first_url=url_for("admin.donations", slug=slug, **query) if after else None,
        next_url=url_for("admin.donations", slug=slug, **query, after=page.next) if page.next else None,
    )


@bp.post("/campaigns/<slug>/donations/find")
def donations_find(slug: str) -> ResponseReturnValue:
    """Lead to a donor's gifts, or to the gift that a reference names. What was typed stays out of every address."""
    found, typed = current_campaign(), request.form.get("wanted", "").strip()[:LONGEST]
    if "@" in typed:
        latest = find_donors_latest(db.session(), found.id, address_key(current_settings().hash_key, typed))
        if latest:
            return redirect(url_for("admin.donations", slug=slug, donor=latest.public_id), 303)
    elif donation := find_by_reference(db.session(), found.id, typed):
        return redirect(url_for("admin.donations_one", slug=slug, public_id=donation.public_id), 303)
    flash(
        _("Nothing here has exactly that email address, Stripe id, receipt number or reference.")
        if typed
        else _("Enter an email address, a Stripe id, the number of a receipt, or a reference."),
        "error",
    )
    return redirect(url_for("admin.donations", slug=slug), 303)
