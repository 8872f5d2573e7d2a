"""Webhooks of mail providers: bounces and complaints. Proven first, then stored with what follows from them."""

import logging

from flask import abort, request
from flask.typing import ResponseReturnValue

from campaign.core import clock
from campaign.core.database import transaction
from campaign.core.http.limits import is_free
from campaign.hooks.blueprint import bp
from campaign.mail.notices import certificates
from campaign.mail.notices.certificates import Certificates
from campaign.mail.notices.intake import take_in
from campaign.mail.notices.providers import known_providers
from campaign.mail.notices.shapes import Incoming, NoticeRefused, NotNow
from campaign.settings import current_settings

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
FETCHES = "20 per minute"  # of the whole site: forged webhooks must not make us ask Amazon without end


def _fetch(url: str) -> bytes:
    if not is_free(FETCHES, "certificates", "site"):
        raise NotNow("too many were fetched in this minute")
    return certificates.fetch(url)


@bp.post("/mail/<provider>")
def mail(provider: str) -> ResponseReturnValue:
    """200 for whatever is genuine, also what is known already or means nothing here: else it is sent again."""
    settings = current_settings()
    known = known_providers(settings, Certificates(settings.storage / "certificates", _fetch))
    if provider not in known:
        abort(404)
    request.max_content_length = LARGEST_BODY
    incoming = Incoming(request.get_data(cache=False), {name.lower(): value for name, value in request.headers.items()})
    try:
        told = known[provider].read(incoming, now=clock.now())
        if told.confirm_url:
            _fetch(told.confirm_url)
            log.info("the subscription to the notices of %s is confirmed", provider)
    except NoticeRefused as refused:
        log.warning("notice of %s refused: %s", provider, refused)
        abort(400)
    except NotNow as reason:
        log.warning("notice of %s put off: %s", provider, reason)
        abort(503)
    if told.notices:
        with transaction() as session:
            taken = take_in(session, provider, told.notices, hash_key=settings.hash_key, now=clock.now())
        log.info(
            "notices of %s: %s new, %s known, %s about no mailbox", provider, taken.new, taken.known, taken.unknown
        )
    return "", 200
