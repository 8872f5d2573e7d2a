"""Signing by JSON, from a partner's server or a page of a host that the campaign allows, by the rules of the form."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_smorest import Blueprint, abort
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden

from campaign.api.schemas import SignatureAccepted, SignatureRequest
from campaign.campaigns.consents import shown_versions
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import current_demand, get_public_campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import Closed
from campaign.core.http.languages import request_language
from campaign.core.http.limits import signing_flood
from campaign.core.http.public_forms import SignForm
from campaign.core.networks import network_hash
from campaign.petitions.signing import CONSENT_VERSION, SignatureForm, sign
from campaign.settings import current_settings

PREFLIGHT_SECONDS = 600

bp = Blueprint("api_signing", "signing", url_prefix="/api/v1", description="Signing from other sites.")


def _open_campaign(slug: str) -> Campaign:
    """The campaign, once the asking site may use it. Raises NotFound, Closed, Forbidden."""
    found = get_public_campaign(db.session(), slug, now=clock.now())
    origin = request.headers.get("Origin")
    if origin is not None and origin not in _origins(found):
        raise Forbidden(_("This site may not send signatures for this campaign. Its editors can allow it."))
    if not found.is_open(clock.now()):
        raise Closed("This petition is closed, so it can no longer be signed.")
    return found


def _origins(campaign: Campaign) -> set[str]:
    """Where a browser may send signatures from: our own pages, and https pages of the campaign's hosts."""
    return {current_settings().address, *(f"https://{host}" for host in campaign.embed_hosts.split())}


@bp.after_request
def allow_the_campaigns_hosts(response: Response) -> Response:
    """CORS (fetch.spec.whatwg.org) for allowed origins only; errors other than 403 are readable there as well."""
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin is not None and response.status_code != 403:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


@bp.route("/campaigns/<slug>/signatures", methods=["OPTIONS"])
@bp.doc(tags=["signing"])
@bp.response(204)
def signatures_preflight(slug: str) -> Response:
    """What a browser asks before it sends a signature from another site."""
    _open_campaign(slug)
    headers = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
    return Response(status=204, headers=headers)


@bp.post("/campaigns/<slug>/signatures")
@signing_flood
@bp.arguments(SignatureRequest)
@bp.response(202, SignatureAccepted)
def signatures(given: dict[str, Any], slug: str) -> dict[str, str]:
    """Take a signature; the answer is the same for a new, a repeated, a held and a blocked address.

    It counts once the signer has pressed the button behind the mailed link. Send `demand`, the version of the demand
    that the signer was shown (`/campaigns/<slug>/history` numbers them): where it is no longer the current one, the
    answer is 422 with an error for that field, and nothing is stored. Without it, the current version is meant.
    """
    settings, found = current_settings(), _open_campaign(slug)
    language = request_language(settings.languages[0])
    form = SignForm(
        formdata=_as_sent(given, found.country),
        language=language,
        demand=current_demand(db.session(), found.id).version,
        names_to_target=found.names_to_target,
        consents=shown_versions(found, CONSENT_VERSION),
    )
    if not form.validate():
        abort(422, messages={"json": form.errors})
    with transaction() as session:
        sign(
            session,
            found,
            SignatureForm(**form.values()),
            hash_key=settings.hash_key,
            network_hash=network_hash(settings.hash_key, request.remote_addr),
            language=language,
            now=clock.now(),
        )
    return {"status": "awaiting_confirmation"}


def _as_sent(given: dict[str, Any], country: str) -> MultiDict[str, str]:
    """The body as a form sends it: a box that is not ticked is not there."""
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    ticks = {name: "yes" for name, value in given.items() if value is True}
    version = {} if given["demand"] is None else {"demand": str(given["demand"])}
    return MultiDict({**texts, **ticks, **version, "country": given["country"] or country})
