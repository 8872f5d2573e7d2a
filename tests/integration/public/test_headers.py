"""What every answer to a reader forbids: foreign content, framing, sniffing, leaking referrers, cookies."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from campaign.settings import Settings
from tests.integration.public.conftest import Build, Pages

PRODUCTION = {
    "campaign_env": "production", "base_url": "https://campaign.example", "stripe_api_base": None,
    "stripe_secret_key": "sk_live_" + "a" * 24, "mail_server": "127.0.0.1", "mail_default_sender": "a@lantern.example",
}  # fmt: skip


def policy(answer: TestResponse) -> dict[str, list[str]]:
    """The content policy: directive → sources. A directive given twice would be ignored by browsers, so it fails."""
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    assert len({part[0] for part in parts}) == len(parts)
    return {name: sources for name, *sources in parts}


def test_the_content_policy_of_every_page(client: FlaskClient, pages: Pages, settings: Settings) -> None:
    for path in (*pages.shared, *pages.private):
        found = policy(client.get(path))
        assert found["default-src"] == ["'none'"], path
        assert found["form-action"] == ["'self'", settings.stripe_api_base], path
        assert found["frame-ancestors"] == ["'none'"], path
        assert found["base-uri"] == ["'none'"], path
        assert {name: found[name] for name in found if name.endswith("-src") and name != "default-src"} == {
            "style-src": ["'self'"],
            "img-src": ["'self'"],
            "font-src": ["'self'"],
            "object-src": ["'none'"],
        }, path


def test_the_other_headers_of_every_page(client: FlaskClient, pages: Pages) -> None:
    for path in (*pages.shared, *pages.private):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        permissions = dict(part.strip().split("=") for part in headers["Permissions-Policy"].split(","))
        assert set(permissions.values()) == {"()"}, path
        assert {"camera", "geolocation", "microphone", "payment", "browsing-topics"} <= set(permissions), path
        assert "Strict-Transport-Security" not in headers, path


def test_in_production_https_is_kept_and_forms_may_lead_to_stripe(build: Build, pages: Pages) -> None:
    client = build(**PRODUCTION).test_client()
    for path in (pages.shared[1], pages.donate, "/nothing"):
        answer = client.get(path)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert policy(answer)["form-action"] == ["'self'", "https://checkout.stripe.com", "https://billing.stripe.com"]
    assert client.get("/sandbox/mailbox").status_code == 404


def test_a_plain_http_site_asks_for_no_https(build: Build, pages: Pages) -> None:
    answer = build(base_url="http://campaign.example").test_client().get(pages.shared[1])
    assert "Strict-Transport-Security" not in answer.headers


def test_no_answer_sets_a_cookie_or_depends_on_one(client: FlaskClient, pages: Pages) -> None:
    for path in (*pages.shared, *pages.private, f"{pages.donate}?amount=10&source=x"):
        for method in ("GET", "HEAD"):
            headers = client.open(path, method=method, headers={"Accept-Encoding": "gzip"}).headers
            assert "Set-Cookie" not in headers, path
            vary = {word.strip().lower() for word in ",".join(headers.getlist("Vary")).split(",")}
            assert not {"cookie", "*"} & vary, path


def test_forms_set_no_cookie_either(client: FlaskClient, pages: Pages) -> None:
    answers = [
        client.post(f"/campaigns/{pages.campaign.slug}/sign", data={"name": "A"}),
        client.post(pages.donate, data={"name": "A"}),
        client.post(pages.confirm),
        client.post(pages.confirm, data={"confirm": "yes"}),
        client.post(f"{pages.confirm}/not-me"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 303, 200]
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kept", [{"Cookie": "staff=x; session=y"}, {"Cookie": "staff=" + "x" * 3000}])
def test_a_readers_cookies_change_nothing(client: FlaskClient, pages: Pages, kept: dict[str, str]) -> None:
    path = pages.shared[1]
    assert client.get(path, headers=kept).data == client.get(path).data


def test_a_persons_files_are_kept_by_nobody(client: FlaskClient, pages: Pages) -> None:
    for path in pages.files:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), path
        assert "Set-Cookie" not in answer.headers


def test_every_public_page_stands_in_one_of_the_lists(app: Flask, pages: Pages) -> None:
    adapter = app.url_map.bind("campaign.test")
    tried = {adapter.match(path.partition("?")[0])[0] for path in pages.shared}
    tried |= {adapter.match(path)[0] for path, status in pages.private.items() if status in (200, 410)}
    tried |= {adapter.match(path)[0] for path in pages.files}
    real = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {endpoint for endpoint in real if endpoint.startswith("public.")} - tried == {
        "public.picture",
        "public.picture_cut",
        "public.card",  # these say themselves how long they are kept
        "public.qr",
        "public.sheet",
    }
