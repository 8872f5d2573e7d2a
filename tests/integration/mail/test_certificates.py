"""Amazon's certificates: from where they are taken, and how often; and its question whether we want its notices."""

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from campaign.mail.notices import certificates
from campaign.mail.notices.certificates import Certificates, fetch, is_amazons
from campaign.mail.notices.shapes import NoticeRefused, NotNow
from tests.integration.mail.amazon import CERTIFICATE_HOST, CERTIFICATE_PATH, CERTIFICATE_URL, Amazon, as_body
from tests.integration.mail.conftest import Post


class Server:
    """An HTTP server on the loopback interface in Amazon's place; notes what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                body = server.pages.get(self.path)
                self.send_response(200 if body is not None else 302)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def fetch(self, url: str) -> bytes:
        """As the program fetches, from here instead of Amazon."""
        parts = urlsplit(url)
        return fetch(self.origin + parts.path + (f"?{parts.query}" if parts.query else ""))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


def test_a_certificate_is_fetched_once(server: Server, amazon: Amazon, tmp_path: Path) -> None:
    server.pages[CERTIFICATE_PATH] = amazon.certificate
    store = Certificates(tmp_path / "kept", server.fetch)
    for _ in range(3):
        store.key(CERTIFICATE_URL, now=datetime.now(UTC))
    assert server.asked == [CERTIFICATE_PATH]
    assert [file.name for file in (tmp_path / "kept").iterdir()] == [
        f"{CERTIFICATE_HOST}{CERTIFICATE_PATH.replace('/', '_')}"
    ]


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE_URL.replace("https", "http"),
        CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
        CERTIFICATE_URL.replace("sns.", "evil.example/sns."),
        CERTIFICATE_URL.replace("sns.eu", "s3.eu"),
        CERTIFICATE_URL.replace("sns.", "sns.evil.example#.sns."),
        CERTIFICATE_URL.replace("sns.", "user@sns."),
        CERTIFICATE_URL.replace(".com/", ".com:8443/"),
        CERTIFICATE_URL.replace("/Simple", "/../Simple"),
        CERTIFICATE_URL.replace("/Simple", "/bucket/Simple"),
        CERTIFICATE_URL + "?x=1",
        CERTIFICATE_URL.replace(".pem", ".txt"),
        "https://sns.eu-west-2.amazonaws.com",
        "https://[",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(url: str, server: Server, tmp_path: Path) -> None:
    with pytest.raises(NoticeRefused):
        Certificates(tmp_path, server.fetch).key(url, now=datetime.now(UTC))
    assert server.asked == []


def test_one_that_is_not_valid_now_or_no_certificate_is_not_kept(server: Server, tmp_path: Path) -> None:
    store = Certificates(tmp_path, server.fetch)
    server.pages[CERTIFICATE_PATH] = Amazon(days=-1).certificate
    with pytest.raises(NoticeRefused):
        store.key(CERTIFICATE_URL, now=datetime.now(UTC))
    for page in (b"<html>", b"x" * 20_000, None):
        server.pages = {CERTIFICATE_PATH: page} if page is not None else {}
        with pytest.raises(NotNow):  # also where it would lead us elsewhere
            store.key(CERTIFICATE_URL, now=datetime.now(UTC))
    assert set(server.asked) == {CERTIFICATE_PATH}
    assert list(tmp_path.iterdir()) == []


def test_amazons_hosts() -> None:
    assert is_amazons("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription")
    assert is_amazons("https://sns.cn-north-1.amazonaws.com.cn/x")
    assert not is_amazons("https://sns.us-east-1.amazonaws.org/")


def test_amazon_asks_and_is_answered_for_our_topic_only(
    post: Post, amazon: Amazon, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = server.fetch
    monkeypatch.setattr(certificates, "fetch", origin)  # there is no Amazon here
    question = amazon.question()
    asked = question["SubscribeURL"].partition(CERTIFICATE_HOST)[2]
    for bad in (
        amazon.question(TopicArn="arn:aws:sns:eu-west-2:1:other"),
        amazon.question(SubscribeURL="https://evil.example/?Action=ConfirmSubscription"),
        amazon.question(SubscribeURL="http://169.254.169.254/latest/meta-data"),
        amazon.question(at=datetime.now(UTC) - timedelta(hours=2)),
        question | {"SubscribeURL": question["SubscribeURL"] + "&x"},
        Amazon().question(),
    ):
        assert post.tell("ses", as_body(bad)).status_code == 400
    assert server.asked == []
    assert post.tell("ses", as_body(question)).status_code == 503  # Amazon does not take it, and should ask again
    server.pages[asked] = b"<ConfirmSubscriptionResponse/>"
    assert post.tell("ses", as_body(question)).status_code == 200
    assert server.asked == [asked, asked]
    # Its link would subscribe us again; that the topic is gone was somebody's wish.
    assert post.tell("ses", as_body(amazon.question(Type="UnsubscribeConfirmation"))).status_code == 200
    assert len(server.asked) == 2


def test_amazon_is_asked_for_certificates_a_few_times_a_minute_at_most(
    post: Post, amazon: Amazon, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "fetch", server.fetch)
    url = "https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-{}.pem"
    statuses = [
        post.tell("ses", as_body(amazon.envelope("{}", SigningCertURL=url.format(number)))).status_code
        for number in range(25)
    ]
    assert set(statuses) == {503}
    assert len(server.asked) == 20
