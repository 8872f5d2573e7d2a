"""Amazon SES through Amazon SNS: signed messages about bounces and complaints, and SNS's question whether we want them.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
"""

import binascii
import logging
from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from campaign.mail.models import NoticeKind
from campaign.mail.notices.certificates import Certificates, is_amazons
from campaign.mail.notices.shapes import (
    Incoming,
    Notice,
    NoticeRefused,
    Told,
    left_side,
    plain_reason,
    read_json,
    read_object,
    read_time,
    refuse_if_stale,
)

log = logging.getLogger(__name__)

# SNS tries an endpoint for an hour at most, and the message keeps its time.
STALE_AFTER = timedelta(minutes=90)
_HASHES = {"1": SHA1, "2": SHA256}
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class AmazonSes:
    """Believes messages of the given topics."""

    def __init__(self, topics: Sequence[str], certificates: Certificates) -> None:
        self._topics = topics
        self._certificates = certificates

    def read(self, incoming: Incoming, *, now: datetime) -> Told:
        """What SNS passes on. Its question whether we want a topic's messages is answered for our topics only."""
        envelope = read_object(read_json(incoming.body))
        # Before anything is fetched: whoever does not know our topic makes us fetch nothing.
        if envelope.get("TopicArn") not in self._topics:
            raise NoticeRefused("of a topic that is not ours")
        self._check_signature(envelope, now=now)
        refuse_if_stale(read_time(envelope["Timestamp"]), now=now, after=STALE_AFTER)
        if envelope["Type"] == "SubscriptionConfirmation":
            if not is_amazons(envelope["SubscribeURL"]):
                raise NoticeRefused("its link does not lead to Amazon SNS")
            return Told(confirm_url=envelope["SubscribeURL"])
        if envelope["Type"] == "UnsubscribeConfirmation":
            log.warning("Amazon SNS has ended its subscription: no more bounces and complaints come from there")
            return Told()
        return Told(notices=list(_notices(envelope)))

    def _check_signature(self, envelope: dict[str, Any], *, now: datetime) -> None:
        names = _SIGNED.get(str(envelope.get("Type")), ())
        chosen = _HASHES.get(str(envelope.get("SignatureVersion")))
        values = {name: envelope.get(name) for name in names if name in envelope or name != "Subject"}
        if chosen is None or not values or not all(isinstance(value, str) for value in values.values()):
            raise NoticeRefused("not of the documented shape")
        key = self._certificates.key(str(envelope.get("SigningCertURL")), now=now)
        text = "".join(f"{name}\n{value}\n" for name, value in values.items())
        try:
            signature = b64decode(str(envelope.get("Signature")), validate=True)
            key.verify(signature, text.encode("utf-8", "surrogatepass"), PKCS1v15(), chosen())
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise NoticeRefused("its signature does not fit") from error


def _notices(envelope: dict[str, Any]) -> Iterator[Notice]:
    told = read_object(read_json(envelope["Message"]))
    kind = told.get("notificationType") or told.get("eventType")
    message_id = _message_id(told.get("mail"))
    if kind == "Bounce":
        bounce = read_object(told.get("bounce"))
        hard = bounce.get("bounceType") == "Permanent"
        people, happened = bounce.get("bouncedRecipients"), bounce.get("timestamp")
        notice_kind = NoticeKind.HARD_BOUNCE if hard else NoticeKind.SOFT_BOUNCE
    elif kind == "Complaint":
        complaint = read_object(told.get("complaint"))
        if complaint.get("complaintFeedbackType") == "not-spam":
            return
        people, happened = complaint.get("complainedRecipients"), complaint.get("timestamp")
        notice_kind = NoticeKind.COMPLAINT
    else:
        return  # deliveries, openings and what else may be switched on at Amazon
    for number, person in enumerate(people if isinstance(people, list) else []):
        one = read_object(person)
        yield Notice(
            key=f"{envelope['MessageId']}:{number}",
            kind=notice_kind,
            address=str(one.get("emailAddress", "")),
            reason=plain_reason(one.get("status"), one.get("diagnosticCode")),
            happened_at=read_time(happened),
            message_id=message_id,
        )


def _message_id(mail: Any) -> str:
    """Ours, where Amazon is set to pass on the mail's headers; it writes an id of its own over it."""
    headers = mail.get("headers") if isinstance(mail, dict) else None
    for header in headers if isinstance(headers, list) else []:
        if isinstance(header, dict) and str(header.get("name")).lower() == "message-id":
            return left_side(header.get("value"))
    return ""
