"""Passing the campaign on: the words for each network, the card, QR codes with a source, the sheet for paper."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import StaffForm
from campaign.campaigns.models import ShareWay
from campaign.campaigns.share_texts import list_share_texts, set_share_texts
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.http.fields import BlockField, LineField
from campaign.core.http.public_forms import clean_source


class ShareForm(StaffForm):
    """Words for each way; empty ones leave it to our own sentence. The fields are named as the ways are."""

    whatsapp = BlockField(longest=500)
    sms = BlockField(longest=300)
    email_subject = LineField(longest=120)
    email = BlockField(longest=1000)
    copy = BlockField(longest=500)


@bp.route("/campaigns/<slug>/sharing", methods=["GET", "POST"])
def sharing(slug: str) -> ResponseReturnValue:
    """Show and store the words; beside them what else there is to pass on. `source` names where a code will hang."""
    found = current_campaign()
    form = ShareForm(data={way.value: text for way, text in list_share_texts(db.session(), found.id).items()})
    if request.method == "GET":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    texts = {way: form[way.value].data for way in ShareWay}
    with transaction() as session:
        set_share_texts(session, found.id, texts, actor=actor(), now=clock.now())
    flash(_("Stored. Readers see it within a few seconds."), "success")
    return redirect(url_for("admin.sharing", slug=slug), 303)


def _page(form: ShareForm) -> str:
    typed = request.args.get("source", "")
    source = clean_source(typed)
    return render_template("admin/sharing.html", form=form, source=source, wrong=bool(typed) and not source)
