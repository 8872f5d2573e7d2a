"""Mailgun: a signature over a time and a one-use token. It does not cover the rest, so a token is believed only once.

https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
"""

import hmac
from datetime import datetime, timedelta
from typing import Any

from campaign.mail.models import NoticeKind
from campaign.mail.notices.shapes import (
    Incoming,
    Notice,
    NoticeRefused,
    Told,
    left_side,
    plain_reason,
    read_json,
    read_key,
    read_object,
    read_time,
    refuse_if_stale,
)

STALE_AFTER = timedelta(hours=9)  # it tries for eight
# Of what it calls permanent, these two mean that the mailbox is not there. Others: it gave up, or somebody's policy.
_NO_MAILBOX = ("bounce", "suppress-bounce")


class Mailgun:
    """Believes what is signed with the key."""

    def __init__(self, signing_key: str) -> None:
        self._key = signing_key.encode()

    def read(self, incoming: Incoming, *, now: datetime) -> Told:
        """One failure or complaint; anything else that Mailgun may be set to tell means nothing here."""
        told = read_object(read_json(incoming.body))
        signature = read_object(told.get("signature"))
        moment, token = str(signature.get("timestamp")), read_key(signature.get("token"))
        expected = hmac.new(self._key, f"{moment}{token}".encode("utf-8", "replace"), "sha256").hexdigest()
        if not hmac.compare_digest(str(signature.get("signature")).encode("utf-8", "replace"), expected.encode()):
            raise NoticeRefused("its signature does not fit")
        refuse_if_stale(read_time(moment), now=now, after=STALE_AFTER)
        event = read_object(told.get("event-data"))
        kind = _kind(event)
        if kind is None:
            return Told()
        message, status = event.get("message"), event.get("delivery-status")
        headers = message.get("headers") if isinstance(message, dict) else None
        words = status if isinstance(status, dict) else {}
        notice = Notice(
            key=token,
            kind=kind,
            address=str(event.get("recipient", "")),
            reason=plain_reason(words.get("code"), words.get("message") or words.get("description")),
            happened_at=read_time(event.get("timestamp")),
            message_id=left_side(headers.get("message-id")) if isinstance(headers, dict) else "",
        )
        return Told(notices=[notice])


def _kind(event: dict[str, Any]) -> NoticeKind | None:
    if event.get("event") == "complained" or event.get("reason") == "suppress-complaint":
        return NoticeKind.COMPLAINT
    if event.get("event") != "failed":
        return None
    permanent = event.get("severity") == "permanent" and event.get("reason") in _NO_MAILBOX
    return NoticeKind.HARD_BOUNCE if permanent else NoticeKind.SOFT_BOUNCE
