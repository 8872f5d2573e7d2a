"""Amazon SNS as far as a webhook sees it: a key, a certificate for it, and envelopes signed with it."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

TOPIC = "arn:aws:sns:eu-west-2:123456789012:bounces"
CERTIFICATE_HOST = "sns.eu-west-2.amazonaws.com"
CERTIFICATE_PATH = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
CERTIFICATE_URL = f"https://{CERTIFICATE_HOST}{CERTIFICATE_PATH}"
# As written in the documentation of the formats, by the type of the message.
SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]


class Amazon:
    """Signs as SNS does."""

    def __init__(self, *, days: int = 30) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
        began = datetime.now(UTC) - timedelta(days=40)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(began)
            .not_valid_after(datetime.now(UTC) + timedelta(days=days))
            .sign(self._key, SHA256())
            .public_bytes(Encoding.PEM)
        )

    def envelope(self, message: str, *, version: str = "1", at: datetime | None = None, **more: Any) -> dict[str, Any]:
        """A signed envelope around a message. Fields given by name are signed as well; None leaves one out."""
        moment = at or datetime.now(UTC)
        values = {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Message": message,
            "Timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z",
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE_URL,
        } | more
        values = {name: value for name, value in values.items() if value is not None}
        names = [name for name in SIGNED[values["Type"]] if name in values]
        text = "".join(f"{name}\n{values[name]}\n" for name in names)
        signature = self._key.sign(text.encode(), PKCS1v15(), SHA1() if version == "1" else SHA256())
        return values | {"Signature": b64encode(signature).decode()}

    def question(self, **more: Any) -> dict[str, Any]:
        """The envelope by which SNS asks whether a topic's messages are wanted."""
        fields = {
            "Type": "SubscriptionConfirmation",
            "Token": "2336412f37f",
            "SubscribeURL": f"https://{CERTIFICATE_HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37f",
        }
        return self.envelope("You have chosen to subscribe to the topic.", **(fields | more))


def as_body(envelope: dict[str, Any]) -> bytes:
    return json.dumps(envelope, indent=2).encode()
