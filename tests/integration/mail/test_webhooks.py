"""Providers' webhooks: who is believed, what is told twice, and what it leads to."""

import hmac
import json
import time
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1
from cryptography.hazmat.primitives.hashes import SHA256

from campaign.core import clock
from campaign.mail.models import MailState
from campaign.mail.notices import intake
from campaign.mail.notices.sendgrid import SendGrid
from campaign.mail.notices.shapes import Incoming, NoticeRefused
from campaign.worker.mail_notices import forget_notices
from tests.factories import reread
from tests.integration.mail.amazon import Amazon, as_body
from tests.integration.mail.conftest import ADDRESS, LOGIN, MAILGUN_KEY, Post

HARD, SOFT, COMPLAINT = "hard_bounce", "soft_bounce", "complaint"
UNKNOWN = "5.1.1 smtp; 550 5.1.1 <(address)>... User unknown"


def basic(login: str = LOGIN) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(login.encode()).decode()}


def mailgun(event: str, *, key: str = MAILGUN_KEY, token: str = "t" * 50, at: float | None = None, **more: Any) -> str:
    moment = str(int(at or time.time()))
    signature = hmac.new(key.encode(), f"{moment}{token}".encode(), "sha256").hexdigest()
    proof = {"token": token, "timestamp": moment, "signature": signature}
    return json.dumps({"signature": proof | more, "event-data": json.loads(event)})


def sendgrid(
    post: Post, body: str, *, key: ec.EllipticCurvePrivateKey | None = None, at: float | None = None
) -> dict[str, str]:
    moment = str(int(at or time.time()))
    signature = (key or post.sendgrid_key).sign(moment.encode() + body.encode(), ECDSA(SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": moment,
    }


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_hard_bounce_from_amazon_silences_the_mailbox_and_marks_the_mail(
    post: Post, amazon: Amazon, version: str
) -> None:
    mail, other = post.sent(), post.sent("other@example.org")
    envelope = amazon.envelope(post.fixture("ses_bounce.json"), version=version, Subject="Amazon SES Email Event")
    answer = post.tell("ses", as_body(envelope))
    assert (answer.status_code, answer.data) == (200, b"")
    assert post.notices() == [(HARD, UNKNOWN)]
    assert post.suppressed() == {post.key(): "hard bounce"}
    assert (reread(mail).state, reread(mail).error) == (MailState.FAILED, f"came back: {UNKNOWN}")
    assert reread(other).state is MailState.SENT


def test_amazon_tells_many_things_twice_and_some_that_mean_nothing_here(post: Post, amazon: Amazon) -> None:
    transient = as_body(amazon.envelope(post.fixture("ses_transient.json"), MessageId="soft"))
    complaint = as_body(amazon.envelope(post.fixture("ses_complaint.json"), MessageId="complaint"))
    delivery = as_body(amazon.envelope(post.fixture("ses_delivery.json"), MessageId="delivery"))
    for body in (transient, transient, delivery):
        assert post.tell("ses", body).status_code == 200
    assert post.notices() == [(SOFT, "5.2.2 smtp; 552 5.2.2 mailbox full")]
    assert post.suppressed() == {}
    for _ in range(2):
        assert post.tell("ses", complaint).status_code == 200
    assert [kind for kind, _ in post.notices()] == [SOFT, COMPLAINT]
    assert post.suppressed() == {post.key(): "complaint"}


def test_forged_replayed_and_stale_messages_of_amazon_are_refused(post: Post, amazon: Amazon) -> None:
    good = amazon.envelope(post.fixture("ses_bounce.json"))
    old = amazon.envelope(good["Message"], at=clock.now() - timedelta(minutes=91))
    early = amazon.envelope(good["Message"], at=clock.now() + timedelta(minutes=6))
    bad = [
        good | {"Message": good["Message"].replace(ADDRESS, "victim@example.org")},
        good | {"MessageId": "another"},
        good | {"Timestamp": "2026-01-01T00:00:00.000Z"},
        good | {"SignatureVersion": "2"},
        good | {"SignatureVersion": "3"},
        good | {"Signature": "ärger"},
        good | {"Signature": ""},
        good | {"Type": "Whatever"},
        good | {"Subject": "added"},
        good | {"MessageId": ["a", "list"]},
        Amazon().envelope(good["Message"]),
        amazon.envelope(good["Message"], TopicArn="arn:aws:sns:eu-west-2:123456789012:somebody-elses"),
        amazon.envelope("not JSON"),
        amazon.envelope("[1]"),
        old,
        early,
    ]
    for envelope in bad:
        assert post.tell("ses", as_body(envelope)).status_code == 400, envelope
    for body in (b"", b"\xff", b"[]", b'"text"', b"[" * 100_000):
        assert post.tell("ses", body).status_code == 400
    assert (post.notices(), post.suppressed()) == ([], {})
    assert post.tell("ses", as_body(good)).status_code == 200


def test_postmark_is_known_by_its_login(post: Post) -> None:
    bounce, complaint = (
        post.fixture("postmark_bounce.json"),
        post.fixture("postmark_complaint.json", address="c@example.org"),
    )
    for headers in (
        {},
        basic("lantern:" + "q" * 32),
        basic(""),
        {"Authorization": "Basic ärger"},
        {"Authorization": "Bearer x"},
    ):
        assert post.tell("postmark", bounce, **headers).status_code == 400
    stale = post.fixture("postmark_bounce.json", at=clock.now() - timedelta(days=4))
    for body in (stale, "[]", "{", bounce.replace('"ID": 4323372036854775807', '"ID": null')):
        assert post.tell("postmark", body, **basic()).status_code == 400
    assert post.notices() == []
    for body in (bounce, bounce, complaint, '{"RecordType": "Open"}', bounce.replace("HardBounce", "AutoResponder")):
        assert post.tell("postmark", body, **basic()).status_code == 200
    reason = "HardBounce smtp;550 5.1.1 The email account (address) that you tried to reach does not exist"
    assert post.notices() == [(HARD, reason), (COMPLAINT, "SpamComplaint")]
    assert post.suppressed() == {post.key(): "hard bounce", post.key("c@example.org"): "complaint"}


def test_mailgun_signs_a_token_that_works_once(post: Post) -> None:
    mail = post.sent()
    failed, victim = (
        post.fixture("mailgun_failed.json"),
        post.fixture("mailgun_failed.json", address="victim@example.org"),
    )
    day = 24 * 3600
    for body in (mailgun(failed, key="another"), mailgun(failed, at=time.time() - day), mailgun(failed, signature="ä"),
                 mailgun(failed, token=""), '{"signature": {}}', "{}", "[]"):  # fmt: skip
        assert post.tell("mailgun", body).status_code == 400
    assert post.tell("mailgun", mailgun(post.fixture("mailgun_temporary.json"), token="soft")).status_code == 200
    assert post.suppressed() == {}
    assert post.tell("mailgun", mailgun(failed)).status_code == 200
    # The signature does not cover the event: the token of a genuine webhook, caught by somebody, proves nothing more.
    assert post.tell("mailgun", mailgun(victim)).status_code == 200
    assert post.notices() == [
        (SOFT, "452 4.2.2 The mailbox (address) is over its quota"),
        (HARD, "550 5.1.1 The email account (address) does not exist."),
    ]
    assert post.suppressed() == {post.key(): "hard bounce"}
    assert reread(mail).state is MailState.FAILED
    other = post.fixture("mailgun_complained.json", address="c@example.org")
    assert post.tell("mailgun", mailgun(other, token="c")).status_code == 200
    assert post.suppressed()[post.key("c@example.org")] == "complaint"


def test_sendgrid_signs_a_batch(post: Post) -> None:
    mail, body = post.sent(), post.fixture("sendgrid_events.json")
    good = sendgrid(post, body)
    forged = sendgrid(post, body, key=ec.generate_private_key(SECP256R1()))
    stale = sendgrid(post, body, at=time.time() - 26 * 3600)
    for headers in ({}, forged, stale, good | {"X-Twilio-Email-Event-Webhook-Signature": "ärger"},
                    good | {"X-Twilio-Email-Event-Webhook-Timestamp": "1"}):  # fmt: skip
        assert post.tell("sendgrid", body, **headers).status_code == 400
    assert post.tell("sendgrid", body.replace(ADDRESS, "victim@example.org"), **good).status_code == 400
    assert post.notices() == []
    for _ in range(2):
        assert post.tell("sendgrid", body, **good).status_code == 200
    assert [kind for kind, _ in post.notices()] == [SOFT, HARD, SOFT, COMPLAINT]
    assert post.suppressed() == {post.key(): "hard bounce", post.key("complains@example.org"): "complaint"}
    assert reread(mail).state is MailState.FAILED


def test_sendgrids_own_example_of_a_signature_fits() -> None:
    """Key, signature, time and body from the tests of https://github.com/sendgrid/sendgrid-nodejs."""
    key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA=="
    signature = "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0="
    names = ("x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp")
    incoming = Incoming(
        b'{"category":"example_payload","event":"test_event","message_id":"message_id"}',
        dict(zip(names, (signature, "1588788367"), strict=True)),
    )
    with pytest.raises(NoticeRefused, match="too old"):  # which is asked once the signature fits
        SendGrid(key).read(incoming, now=clock.now())


def test_what_is_not_set_up_is_not_there(post: Post) -> None:
    post.app.extensions["settings"] = post.settings.model_copy(update={"postmark_webhook_login": ""})
    for provider in ("postmark", "nobody", "ses/"):
        assert post.tell(provider, "{}", **basic()).status_code == 404


def test_a_notice_about_no_address_is_left_aside(post: Post) -> None:
    body = post.fixture("postmark_bounce.json", address="no address at all")
    assert post.tell("postmark", body, **basic()).status_code == 200
    assert (post.notices(), post.suppressed()) == ([], {})


def test_a_body_that_is_too_large_is_refused(post: Post) -> None:
    assert post.tell("postmark", "x" * (1024 * 1024 + 1), **basic()).status_code == 413


def test_notices_are_forgotten_and_what_followed_stays(post: Post) -> None:
    post.tell("postmark", post.fixture("postmark_bounce.json"), **basic())
    assert forget_notices() == 0
    with time_machine.travel(clock.now() + intake.KEPT + timedelta(hours=1), tick=False):
        assert forget_notices() == 1
    assert (post.notices(), post.suppressed()) == ([], {post.key(): "hard bounce"})
