"""The blueprint of the public pages. Posts must come from our own pages, as far as the browser says."""

from flask import Blueprint

from campaign.core.http.origin import require_own_origin
from campaign.settings import current_settings

bp = Blueprint("public", "campaign")


@bp.before_request
def check_origin() -> None:
    require_own_origin(current_settings().address, silence_is_fine=True)
