"""The gifts of a campaign, to read."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.paging import parse_cursor
from campaign.donations.models import DonationState, Payment
from campaign.donations.queries import list_donations, list_payments


@bp.get("/campaigns/<slug>/donations")
def donations(slug: str) -> ResponseReturnValue:
    """One page of gifts, newest first; a view of personal data in bulk, so it is in the trail."""
    found, after = current_campaign(), parse_cursor(request.args.get("after"))
    wanted = request.args.get("state")
    state = DonationState(wanted) if wanted in set(DonationState) else None
    with transaction() as session:
        record(
            session, actor=actor(), action="donations.viewed", object_type="campaign", object_id=found.slug,
            now=clock.now(), campaign_id=found.id, state=state.value if state else None,
        )  # fmt: skip
    page = list_donations(db.session(), found.id, state=state, after=after)
    payments: dict[int, list[Payment]] = {}
    for payment in list_payments(db.session(), [donation.id for donation in page.items]):
        payments.setdefault(payment.donation_id, []).append(payment)
    query: dict[str, Any] = {"state": state.value} if state else {}
    return render_template(
        "admin/donations.html",
        page=page,
        payments=payments,
        states=list(DonationState),
        chosen=state,
        first_url=url_for("admin.donations", slug=slug, **query) if after else None,
        next_url=url_for("admin.donations", slug=slug, **query, after=page.next) if page.next else None,
    )
