"""A mail that was sent, and webhooks of providers about it."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.mail.models import PRIORITY, MailKind, MailNotice, MailState, OutboxMessage, Suppression
from campaign.settings import Settings
from tests.integration.mail.amazon import CERTIFICATE_HOST, CERTIFICATE_PATH, TOPIC, Amazon

NOTICES = Path(__file__).parent / "notices"
ADDRESS = "olena.k@example.org"
LOGIN = "lantern:" + "p" * 32
MAILGUN_KEY = "key-" + "m" * 32


class Post:
    """Sends webhooks, and looks at what came of them."""

    def __init__(
        self, app: Flask, client: FlaskClient, settings: Settings, sendgrid: ec.EllipticCurvePrivateKey
    ) -> None:
        self.app, self.client, self.settings, self.sendgrid_key = app, client, settings, sendgrid
        self.message_id = "k3y-Of-our_mail"

    def fixture(self, name: str, *, address: str = ADDRESS, at: datetime | None = None) -> str:
        moment = at or clock.now()
        text = (NOTICES / name).read_text()
        values = {"address": address, "message_id": self.message_id, "seconds": str(int(moment.timestamp())),
                  "happened": moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")}  # fmt: skip
        for key, value in values.items():
            text = text.replace("{" + key + "}", value)
        return text

    def key(self, address: str = ADDRESS) -> str:
        return address_key(self.settings.hash_key, address)

    def sent(self, address: str = ADDRESS, **more: Any) -> OutboxMessage:
        """A mail as it stands in the outbox after it went to the address."""
        values: dict[str, Any] = {
            "kind": MailKind.GIVING_LINK, "object_id": 1, "recipient_key": self.key(address), "language": "en",
            "priority": PRIORITY[MailKind.GIVING_LINK], "state": MailState.SENT, "message_id": self.message_id,
            "created_at": clock.now(), "available_at": clock.now(), "sent_at": clock.now(),
        }  # fmt: skip
        with transaction() as session:
            row = OutboxMessage(**(values | more))
            session.add(row)
        return row

    def tell(self, provider: str, body: bytes | str, **headers: str) -> TestResponse:
        return self.client.post(f"/hooks/mail/{provider}", data=body, headers=headers)

    def notices(self) -> list[tuple[str, str]]:
        db.session.rollback()
        rows = db.session.execute(select(MailNotice.kind, MailNotice.reason).order_by(MailNotice.id))
        return [(row.kind.value, row.reason) for row in rows]

    def suppressed(self) -> dict[str, str]:
        db.session.rollback()
        return {row.recipient_key: row.reason for row in db.session.scalars(select(Suppression))}


@pytest.fixture(scope="session")
def amazon() -> Amazon:
    return Amazon()


@pytest.fixture
def post(app: Flask, client: FlaskClient, settings: Settings, amazon: Amazon) -> Iterator[Post]:
    """All providers set up, Amazon's certificate in the folder of those that were fetched before."""
    sendgrid = ec.generate_private_key(ec.SECP256R1())
    public = sendgrid.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    own = settings.model_copy(
        update={
            "ses_topics": (TOPIC,), "postmark_webhook_login": LOGIN, "mailgun_signing_key": MAILGUN_KEY,
            "sendgrid_verification_key": b64encode(public).decode(),
        }
    )  # fmt: skip
    folder = settings.storage / "certificates"
    folder.mkdir(parents=True, exist_ok=True)
    pinned = folder / f"{CERTIFICATE_HOST}{CERTIFICATE_PATH.replace('/', '_')}"
    pinned.write_bytes(amazon.certificate)
    app.extensions["settings"] = own
    yield Post(app, client, own, sendgrid)
    app.extensions["settings"] = settings
    pinned.unlink(missing_ok=True)
