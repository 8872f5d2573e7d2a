"""A real SMTP server for tests: takes mail on a free port of the loopback interface, and may be told to refuse."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


@dataclass
class Inbox:
    """What the server took. `answers` maps an address to what it is answered instead of a yes, for each try;
    `verdicts` are the answers to the next mails themselves, once they are written out.
    """

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    connections: int = 0
    verdicts: list[str] = field(default_factory=list)
    hang_up_at: str = ""
    thinks_for: float = 0  # seconds, after the text and before the yes

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if message["To"] == address]

    # What aiosmtpd asks of a handler:

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.hang_up_at:
            _server.transport.abort()
        answer = self.answers.get(address)
        if answer:
            return answer.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.verdicts:
            return self.verdicts.pop(0)
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        await asyncio.sleep(self.thinks_for)
        return "250 OK"


@contextmanager
def smtp_server(port: int = 0) -> Iterator[Inbox]:
    """A running server; a fixed port lets it come back where it was."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port or _free_port(), enable_SMTPUTF8=True)
    controller.start()
    inbox.port = controller.port
    try:
        yield inbox
    finally:
        controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
