"""Gifts in cash, by cheque and by bank transfer: entered by hand, corrected openly, voided with a reason."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import read_edition
from campaign.admin.offline_forms import OfflineCorrectionForm, OfflineForm, stored_values
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import ChangedMeanwhile
from campaign.core.paging import parse_cursor
from campaign.donations import offline
from campaign.donations.models import OfflineGift
from campaign.reports.summary import campaign_gifts
from campaign.settings import current_settings


@bp.route("/campaigns/<slug>/offline", methods=["GET", "POST"])
def offline_gifts(slug: str) -> ResponseReturnValue:
    """What came without Stripe, and the form for another; a view of personal data in bulk, so it is in the trail."""
    form, campaign = OfflineForm(), current_campaign()
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    with transaction() as session:
        offline.add_gift(
            session, campaign.id, form.to_fields(), hash_key=current_settings().hash_key, form_key=form.key.data,
            actor=actor(), now=clock.now(),
        )  # fmt: skip
    flash(_("Entered. It is part of the sum that readers see."), "success")
    return redirect(url_for("admin.offline_gifts", slug=slug), 303)


def _page(form: OfflineForm) -> str:
    campaign, after = current_campaign(), parse_cursor(request.args.get("after"))
    with transaction() as session:
        record(
            session, actor=actor(), action="offline_gifts.viewed", object_type="campaign", object_id=campaign.slug,
            now=clock.now(), campaign_id=campaign.id,
        )  # fmt: skip
    session = db.session()
    page = offline.list_gifts(session, campaign.id, after=after)
    return render_template(
        "admin/offline.html",
        form=form,
        page=page,
        given=campaign_gifts(session, campaign),
        first_url=url_for("admin.offline_gifts", slug=campaign.slug) if after else None,
        next_url=url_for("admin.offline_gifts", slug=campaign.slug, after=page.next) if page.next else None,
    )


@bp.route("/campaigns/<slug>/offline/<public_id>", methods=["GET", "POST"])
def offline_correct(slug: str, public_id: str) -> ResponseReturnValue:
    """Correct a gift, with a reason."""
    campaign = current_campaign()
    gift = offline.get_gift(db.session(), campaign.id, public_id)
    form = OfflineCorrectionForm(data=stored_values(gift))
    if request.method == "GET":
        return _one_page(form, gift)
    if not form.validate():
        return _one_page(form, gift), 422
    try:
        with transaction() as session:
            offline.correct_gift(
                session, campaign.id, public_id, form.to_fields(), hash_key=current_settings().hash_key,
                was=read_edition(form.was), reason=form.reason.data, actor=actor(), now=clock.now(),
            )  # fmt: skip
    except ChangedMeanwhile:
        gift = offline.get_gift(db.session(), campaign.id, public_id)
        form.was.data = str(gift.edition)
        form.form_errors = [_("Somebody else has changed this gift meanwhile. What it says now stands below the form.")]
        return _one_page(form, gift), 409
    flash(_("Corrected. The record of actions keeps what it said before."), "success")
    return redirect(url_for("admin.offline_gifts", slug=slug), 303)


def _one_page(form: OfflineCorrectionForm, gift: OfflineGift) -> str:
    return render_template("admin/offline_gift.html", form=form, gift=gift)


@bp.post("/campaigns/<slug>/offline/<public_id>/void")
def offline_void(slug: str, public_id: str) -> ResponseReturnValue:
    """Let a gift count no more, with a reason."""
    reason = request.form.get("reason", "").strip()
    if not 0 < len(reason) <= 500:
        abort(422, _("Write why the gift no longer counts, in at most 500 characters."))
    with transaction() as session:
        offline.void_gift(session, current_campaign().id, public_id, reason=reason, actor=actor(), now=clock.now())
    flash(_("Voided. It stays in this list with the reason, and no longer counts."), "success")
    return redirect(url_for("admin.offline_gifts", slug=slug), 303)
