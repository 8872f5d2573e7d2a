"""The campaign's supporters: how many, and the list of those who may be written to."""

from collections.abc import Iterator

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.mailing_forms import SupporterListForm
from campaign.audit.trail import record
from campaign.core import clock
from campaign.core.database import db, snapshot, transaction
from campaign.reports.supporter_list import count_supporters, csv_of_supporters


@bp.get("/campaigns/<slug>/supporters")
def supporters(slug: str) -> ResponseReturnValue:
    """Numbers only; nobody is named here."""
    counts = count_supporters(db.session(), current_campaign().id)
    return render_template("admin/supporters.html", counts=counts)


@bp.route("/campaigns/<slug>/supporters/file", methods=["GET", "POST"])
def supporters_file(slug: str) -> ResponseReturnValue:
    """The list as CSV, with a reason; the trail has it before the first byte leaves, and nothing of it is kept here."""
    form, campaign = SupporterListForm(), current_campaign()
    if request.method == "GET":
        return render_template("admin/supporters_file.html", form=form)
    if not form.validate():
        return render_template("admin/supporters_file.html", form=form), 422
    campaign_id, include_addresses = campaign.id, form.include_addresses.data
    with transaction() as session:
        record(
            session, actor=actor(), action="supporters.exported", object_type="campaign", object_id=slug,
            now=clock.now(), campaign_id=campaign_id, reason=form.reason.data, include_addresses=include_addresses,
        )  # fmt: skip

    def written() -> Iterator[bytes]:
        with snapshot() as session:
            yield from csv_of_supporters(session, campaign_id, include_addresses=include_addresses)

    response = Response(stream_with_context(written()), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="supporters-{slug}.csv"'
    return response
