"""Notices that come as mails: delivery status (RFC 3464) and complaints (RFC 5965).

Anybody can send such a mail, so it is believed only where it names the Message-ID of a mail of ours, which nobody
knows but who handled that mail, and only about the mailbox that this mail went to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum

from sqlalchemy.orm import Session

from campaign.core.addresses import AddressRefused, address_key, check_address
from campaign.mail.models import NoticeKind
from campaign.mail.notices.intake import find_mail, store
from campaign.mail.notices.shapes import Notice, left_side, plain_reason

PROVIDER = "mailbox"
BELIEVED_FOR = timedelta(days=30)  # after the mail was sent
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# Refused for good, and yet the mailbox is there: full, too large for it, or somebody's policy (RFC 3463).
_NOT_THE_MAILBOX = re.compile(r"5\.(2\.[234]|3\.\d+|4\.\d+|5\.\d+|6\.\d+|7\.\d+)")


class Outcome(StrEnum):
    """What became of one mail from the mailbox of bounces."""

    TAKEN = "taken"
    KNOWN = "known already"
    NOT_OURS = "about no mail of ours"
    NO_NOTICE = "no notice of delivery or complaint"


@dataclass(frozen=True)
class _Report:
    """What a mail says of another mail: whose addresses it names, and what happened."""

    kind: NoticeKind
    addresses: tuple[str, ...]
    message_id: str
    reason: str


def take_mail(session: Session, raw: bytes, *, hash_key: str, now: datetime) -> Outcome:
    """Read one mail and do what follows from it."""
    reports = list(_read(raw))
    outcomes = {_take(session, report, hash_key=hash_key, now=now) for report in reports}
    return next((one for one in Outcome if one in outcomes), Outcome.NO_NOTICE)


def _take(session: Session, report: _Report, *, hash_key: str, now: datetime) -> Outcome:
    mail = find_mail(session, [*_keys(report.addresses, hash_key)], report.message_id)
    if mail is None or mail.sent_at is None or now - mail.sent_at > BELIEVED_FOR:
        return Outcome.NOT_OURS
    key = f"{report.message_id}:{report.kind}"
    notice = Notice(key, report.kind, "", report.reason, now, report.message_id)
    is_new = store(session, PROVIDER, notice, mail.recipient_key, mail, now=now)
    return Outcome.TAKEN if is_new else Outcome.KNOWN


def _keys(addresses: tuple[str, ...], hash_key: str) -> Iterator[str]:
    for address in addresses:
        try:
            yield address_key(hash_key, check_address(address))
        except AddressRefused:
            continue


def _read(raw: bytes) -> Iterator[_Report]:
    message = message_from_bytes(raw, policy=policy.compat32)
    if message.get_content_type() != "multipart/report":
        return
    original = next((part for part in map(_original, message.walk()) if part is not None), None)
    message_id = left_side(original["Message-ID"]) if original else ""
    to = parseaddr(str(original["To"]))[1] if original else ""
    for part in message.walk():
        # The parser makes a message of each block of fields in both kinds of report.
        if part.get_content_type() == "message/delivery-status":
            yield from (one for block in _blocks(part) if (one := _delivery(block, message_id, to)))
        elif part.get_content_type() == "message/feedback-report":
            fields = _fields(part)
            if str(fields["Feedback-Type"]).strip().lower() in ("abuse", "fraud"):
                reason = plain_reason(fields["User-Agent"])
                yield _Report(NoticeKind.COMPLAINT, (_typed(fields["Original-Rcpt-To"]), to), message_id, reason)


def _original(part: Message) -> Message | None:
    """The mail that the report is about, or what is left of it: its headers."""
    if part.get_content_type() == "text/rfc822-headers":
        return message_from_bytes(part.get_payload(decode=True) or b"", policy=policy.compat32)  # type: ignore[arg-type]
    if part.get_content_type() == "message/rfc822" and isinstance(part.get_payload(), list):
        inner = part.get_payload(0)
        return inner if isinstance(inner, Message) else None
    return None


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _fields(part: Message) -> Message:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        inner = payload[0]
        return inner if inner.keys() else message_from_bytes(str(inner.get_payload()).encode())
    return message_from_bytes(str(payload).encode())


def _delivery(block: Message, message_id: str, to: str) -> _Report | None:
    """One recipient's block; None for the block about the mail as a whole and for what went well."""
    action = str(block["Action"] or "").strip().lower()
    if action not in ("failed", "delayed"):
        return None
    status = _STATUS.search(str(block["Status"] or ""))
    hard = action == "failed" and status is not None and status[1] == "5" and not _NOT_THE_MAILBOX.fullmatch(status[0])
    return _Report(
        kind=NoticeKind.HARD_BOUNCE if hard else NoticeKind.SOFT_BOUNCE,
        addresses=(_typed(block["Original-Recipient"]), _typed(block["Final-Recipient"]), to),
        message_id=message_id,
        reason=plain_reason(status[0] if status else "", _typed(block["Diagnostic-Code"])),
    )


def _typed(value: object) -> str:
    """What stands behind the type in fields such as `rfc822; name@example.org`."""
    text = str(value or "")
    return text.partition(";")[2].strip() if ";" in text else text.strip().strip("<>")
