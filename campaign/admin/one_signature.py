"""One signature beside the list: why it is here, what its signer agreed to, and what has happened to it."""

from typing import Any

from flask import request, session
from flask.typing import ResponseReturnValue

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.deeds import event_lines
from campaign.admin.signatures import TOLD, list_page
from campaign.audit.trail import record
from campaign.campaigns.models import Demand
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.core.http.headers import scripted
from campaign.core.paging import parse_cursor
from campaign.petitions.history import LOOKED, list_events
from campaign.petitions.models import Signature, SignatureImport
from campaign.petitions.queue import list_signals
from campaign.petitions.screening.covering import covered


@bp.get("/campaigns/<slug>/signatures/<signature_id>")
@scripted
def signatures_one(slug: str, signature_id: str) -> ResponseReturnValue:
    """The list with one signature open. Opening it, and uncovering its comment, is in the trail before it is shown."""
    found, now = current_campaign(), clock.now()
    row = db.session.get(Signature, parse_cursor(signature_id) or 0)
    if row is None or row.campaign_id != found.id:
        raise NotFound("There is no such signature.")
    shown, row_id = "comment" in request.args.getlist("show"), row.id
    with transaction() as writing:
        for action in (LOOKED, "signature.comment_uncovered") if shown else (LOOKED,):
            record(
                writing, actor=actor(), action=action, object_type="signature", object_id=row_id, now=now,
                campaign_id=found.id,
            )  # fmt: skip
    return list_page(found, one=_dossier(db.session.get_one(Signature, row_id), shown), told=session.pop(TOLD, None))


def _dossier(row: Signature, shown: bool) -> dict[str, Any]:
    signals = list_signals(db.session(), [row.id]).get(row.id, [])
    brought = db.session.get(SignatureImport, row.import_id) if row.import_id else None
    return {
        "row": row,
        "signals": signals,
        "lines": event_lines(row, brought, list_events(db.session(), row, signals)),
        "brought": brought,
        "demand_version": db.session.get_one(Demand, row.demand_id).version,
        "comment": row.comment if shown else covered(row.comment),
        "is_covered": not shown and covered(row.comment) != row.comment,
    }
