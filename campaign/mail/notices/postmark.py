"""Postmark. It signs nothing: a name and a password in the webhook's address prove who speaks (over https only).

https://postmarkapp.com/developer/webhooks/bounce-webhook
https://postmarkapp.com/developer/webhooks/spam-complaint-webhook
"""

import hmac
from base64 import b64encode
from datetime import datetime, timedelta

from campaign.mail.models import NoticeKind
from campaign.mail.notices.shapes import (
    Incoming,
    Notice,
    NoticeRefused,
    Told,
    plain_reason,
    read_json,
    read_key,
    read_object,
    read_time,
    refuse_if_stale,
)

# It tries for about half a day; a complaint may be told days after the mail, but not long after it was made.
STALE_AFTER = timedelta(days=3)
_KINDS = {
    "HardBounce": NoticeKind.HARD_BOUNCE,
    "BadEmailAddress": NoticeKind.HARD_BOUNCE,
    "SpamComplaint": NoticeKind.COMPLAINT,
    "Transient": NoticeKind.SOFT_BOUNCE,
    "SoftBounce": NoticeKind.SOFT_BOUNCE,
    "DnsError": NoticeKind.SOFT_BOUNCE,
    "SpamNotification": NoticeKind.SOFT_BOUNCE,
    "Blocked": NoticeKind.SOFT_BOUNCE,
    "DMARCPolicy": NoticeKind.SOFT_BOUNCE,
    "Unknown": NoticeKind.SOFT_BOUNCE,
}


class Postmark:
    """Believes whoever knows the login."""

    def __init__(self, login: str) -> None:
        self._expected = b"Basic " + b64encode(login.encode())

    def read(self, incoming: Incoming, *, now: datetime) -> Told:
        """One bounce or complaint; anything else that Postmark may be set to tell means nothing here."""
        given = incoming.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._expected):
            raise NoticeRefused("without the login")
        told = read_object(read_json(incoming.body))
        kind = _KINDS.get(str(told.get("Type")))
        if told.get("RecordType") not in ("Bounce", "SpamComplaint") or kind is None:
            return Told()
        happened_at = read_time(told.get("BouncedAt"))
        refuse_if_stale(happened_at, now=now, after=STALE_AFTER)
        notice = Notice(
            key=read_key(told.get("ID")),
            kind=kind,
            address=str(told.get("Email", "")),
            reason=plain_reason(told.get("Type"), told.get("Details")),
            happened_at=happened_at,
        )
        return Told(notices=[notice])
