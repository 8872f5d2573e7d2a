"""`/sandbox/mailbox`: every mail the demo wrote, newest first, as HTML, as text and as it would travel."""

import mailbox
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from campaign.settings import current_settings

bp = Blueprint("demo", "campaign", url_prefix="/sandbox")
SHOWN = 200
# What stands in a mail is shown in a frame of its own, with its own styles, and may do nothing but lead out.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)

PAGE_POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'"


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
    response = Response(render_template("demo/mail.html", key=key, headers=headers, text=_part(message, "plain")))
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


@bp.get("/mailbox/<key>/html")
def show_html(key: str) -> ResponseReturnValue:
    """The HTML part alone, for the frame."""
    # A link in the mail opens instead of the whole page, as it would from a mail program.
    html = _part(_read(key), "html").replace("<head>", '<head><base target="_top">', 1)
    response = Response(html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@bp.get("/mailbox/<key>/raw")
def show_raw(key: str) -> ResponseReturnValue:
    """The mail as it would travel."""
    return Response(_read(key).as_bytes(), mimetype="text/plain")
