"""Transport: the one place that speaks to a mail server (through Flask-Mail), and the demo's mailbox in its stead."""

import mailbox
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.policy import EmailPolicy
from pathlib import Path
from typing import Any, Protocol

from flask_mail import BadHeaderError, Connection, Mail, Message

from campaign.core.addresses import without_addresses

COMMAND_TIMEOUT = timedelta(seconds=10)
# Servers look through a text before they say yes. RFC 5321 4.5.3.2.6 allows ten minutes; a worker cannot wait that long
# for one mail, but a mail cut off too early would come again and again.
TEXT_TIMEOUT = timedelta(seconds=60)


class ServerAway(Exception):
    """The mail server cannot be reached or takes nothing now; no mail was at fault."""


class Postponed(Exception):
    """The server asks to try this mail later."""


class Refused(Exception):
    """The server will never take this mail; `recipient` tells whether it is the mailbox that it refuses."""

    def __init__(self, reason: str, *, recipient: bool) -> None:
        super().__init__(reason)
        self.recipient = recipient


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; its name is plain ASCII."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Letter:
    """A mail ready to go. `message_id` is the same at every attempt."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    sender: str = ""  # the usual one
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class Outlet(Protocol):
    """An open connection that takes letters."""

    def send(self, letter: Letter) -> None:
        """Hand one letter over. Raises ServerAway, Postponed or Refused."""


class SmtpTransport:
    """Sends by SMTP, one connection for a batch."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    @contextmanager
    def connect(self) -> Iterator[Outlet]:
        """An outlet. Raises ServerAway where the server does not answer or does not let us in."""
        connection = Connection(self._mail)
        try:
            connection.host = host = connection.configure_host()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(_without_addresses(error)) from error
        _be_patient(host)
        try:
            yield _SmtpOutlet(connection)
        finally:
            # How the server says goodbye does not matter, and must not hide what happened before.
            with suppress(OSError, smtplib.SMTPException):
                host.quit()


def _be_patient(host: smtplib.SMTP) -> None:
    """Wait longer for the answer to a text than for the answer to a command; smtplib has one time-out for both."""
    send_text = host.data

    def data(text: Any) -> Any:
        if host.sock is not None:
            host.sock.settimeout(TEXT_TIMEOUT.total_seconds())
        try:
            return send_text(text)
        finally:
            if host.sock is not None:
                host.sock.settimeout(COMMAND_TIMEOUT.total_seconds())

    host.data = data  # type: ignore[method-assign, assignment]


class _SmtpOutlet:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send(self, letter: Letter) -> None:
        message = _message(letter)
        try:
            self._connection.send(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            self._settle(code, reason, recipient=True)
        except smtplib.SMTPNotSupportedError as error:
            # Our own server's lack: nothing is known about the mailbox.
            raise Refused("the mail server takes no addresses of this kind", recipient=False) from error
        except smtplib.SMTPSenderRefused as error:
            raise Postponed(f"{error.smtp_code} the mail server refuses our own address") from error
        except smtplib.SMTPDataError as error:
            self._settle(error.smtp_code, error.smtp_error, recipient=False)
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(_without_addresses(error)) from error
        except (BadHeaderError, ValueError) as error:
            raise Refused(f"cannot be built: {type(error).__name__}", recipient=False) from error

    @staticmethod
    def _settle(code: int, reason: bytes | str, *, recipient: bool) -> None:
        words = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        sentence = f"{code} {without_addresses(words)}"
        if code >= 500:
            raise Refused(sentence, recipient=recipient)
        raise Postponed(sentence)


class MailboxTransport:
    """Keeps mail in a folder (a Maildir): the demo's mailbox."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def connect(self) -> Iterator[Outlet]:
        """An outlet that files letters."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        yield _MailboxOutlet(mailbox.Maildir(self._folder, create=True))


class _MailboxOutlet:
    def __init__(self, box: "mailbox.Maildir") -> None:
        self._box = box

    def send(self, letter: Letter) -> None:
        message = _message(letter)
        self._box.add(message.as_bytes())


class _WholeLinks(EmailPolicy):
    """Leaves headers with a link, or a name for the mail, on one line, however long.

    Python would wrap a long one by writing it as encoded words, in which no mail program finds a link (RFC 2047, 5).
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The header as it goes out."""
        if name.lower() in ("list-unsubscribe", "message-id"):
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_WHOLE_LINKS = _WholeLinks(linesep="\r\n")  # as the library's policy for SMTP


class _Message(Message):
    def _message(self) -> Any:
        message = super()._message()
        message.policy = _WHOLE_LINKS
        return message


def _message(letter: Letter) -> Message:
    message = _Message(
        subject=letter.subject,
        recipients=[letter.to],
        sender=letter.sender or None,
        body=letter.text,
        html=letter.html,
        # RFC 3834: no out-of-office answers
        extra_headers={"Auto-Submitted": "auto-generated", **dict(letter.headers)},
        mail_options=[] if letter.to.isascii() else ["SMTPUTF8"],
    )
    message.msgId = letter.message_id
    for file in letter.attachments:
        message.attach(file.name, file.media_type, file.body)
    return message


def _without_addresses(error: Exception) -> str:
    return without_addresses(f"{type(error).__name__}: {error}")[:300]
