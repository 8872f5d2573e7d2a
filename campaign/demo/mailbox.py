"""`/sandbox/mailbox`: every mail the demo wrote, newest first, as HTML, as text and as it would travel."""

import mailbox
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from campaign.core.http.framed import mail_frame, page_with_frame
from campaign.settings import current_settings

bp = Blueprint("demo", "campaign", url_prefix="/sandbox")
SHOWN = 200


@dataclass(frozen=True)
class Entry:
    """One mail in the list."""

    key: str
    to: str
    subject: str
    at: datetime


def _box() -> "mailbox.Maildir":
    return mailbox.Maildir(current_settings().mailbox, create=True)


def _read(key: str) -> EmailMessage:
    try:
        raw = _box().get_bytes(key)
    except KeyError:
        abort(404)
    return message_from_bytes(raw, policy=policy.default)


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return body.get_content() if body is not None else ""


@bp.get("/mailbox")
def list_mail() -> ResponseReturnValue:
    """The list."""
    keys = sorted(_box().keys(), key=_made_at, reverse=True)
    entries = [_entry(key) for key in keys[:SHOWN]]
    return render_template("demo/mailbox.html", entries=entries, total=len(keys))


def _made_at(key: str) -> tuple[int, int]:
    """When a mail was filed: second and microsecond, as the standard library's Maildir writes them into the name."""
    seconds, _, rest = key.partition(".")
    micro = rest.partition("M")[2].partition("P")[0]
    return int(seconds), int(micro or 0)


def _entry(key: str) -> Entry:
    message = _read(key)
    at = parsedate_to_datetime(message["Date"]) if message["Date"] else datetime.now(UTC)
    return Entry(key=key, to=str(message["To"]), subject=str(message["Subject"]), at=at)


@bp.get("/mailbox/<key>")
def show_mail(key: str) -> ResponseReturnValue:
    """One mail: headers, the HTML in a frame, the text."""
    message = _read(key)
    headers = [(name, str(message[name])) for name in ("From", "To", "Subject", "Date", "Message-ID") if message[name]]
    return page_with_frame(render_template("demo/mail.html", key=key, headers=headers, text=_part(message, "plain")))


@bp.get("/mailbox/<key>/html")
def show_html(key: str) -> ResponseReturnValue:
    """The HTML part alone, for the frame."""
    return mail_frame(_part(_read(key), "html"))


@bp.get("/mailbox/<key>/raw")
def show_raw(key: str) -> ResponseReturnValue:
    """The mail as it would travel."""
    return Response(_read(key).as_bytes(), mimetype="text/plain")
