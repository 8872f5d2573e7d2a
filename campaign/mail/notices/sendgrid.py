"""SendGrid: batches of events, signed with its key over a time and the body as it was sent.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

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

STALE_AFTER = timedelta(hours=25)  # it tries for a day
_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
# What it did not send at all, because of what it knows of the address.
_DROPPED = {"Bounced Address": NoticeKind.HARD_BOUNCE, "Spam Reporting Address": NoticeKind.COMPLAINT}


class SendGrid:
    """Believes what is signed with the key; `verification_key` is as SendGrid shows it."""

    def __init__(self, verification_key: str) -> None:
        key = load_der_public_key(b64decode(verification_key))
        if not isinstance(key, EllipticCurvePublicKey):
            raise ValueError("not an elliptic curve key")
        self._key = key

    def read(self, incoming: Incoming, *, now: datetime) -> Told:
        """The bounces and complaints among the events."""
        moment = incoming.headers.get(_TIMESTAMP, "")
        try:
            signature = b64decode(incoming.headers.get(_SIGNATURE, ""), validate=True)
            self._key.verify(signature, moment.encode() + incoming.body, ECDSA(SHA256()))
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise NoticeRefused("its signature does not fit") from error
        refuse_if_stale(read_time(moment), now=now, after=STALE_AFTER)
        events = read_json(incoming.body)
        if not isinstance(events, list):
            raise NoticeRefused("not of the documented shape")
        return Told(notices=list(_notices(events)))


def _notices(events: list[Any]) -> Iterator[Notice]:
    for value in events:
        event = read_object(value)
        if kind := _kind(event):
            yield Notice(
                key=read_key(event.get("sg_event_id")),
                kind=kind,
                address=str(event.get("email", "")),
                reason=plain_reason(event.get("status"), event.get("reason") or event.get("response")),
                happened_at=read_time(event.get("timestamp")),
                message_id=left_side(event.get("smtp-id")),
            )


def _kind(event: dict[str, Any]) -> NoticeKind | None:
    name = event.get("event")
    if name == "bounce":
        # "blocked": refused this time, for what was in the mail or where it came from.
        return NoticeKind.SOFT_BOUNCE if event.get("type") == "blocked" else NoticeKind.HARD_BOUNCE
    if name == "dropped":
        return _DROPPED.get(str(event.get("reason")))
    return {"spamreport": NoticeKind.COMPLAINT, "deferred": NoticeKind.SOFT_BOUNCE}.get(str(name))
