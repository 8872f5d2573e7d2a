"""Pages that know nobody are kept by caches and checked by a validator; whatever knows somebody is kept by none."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, unquote

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.core.database import db
from campaign.core.http.public_forms import LONGEST_SOURCE
from campaign.petitions.models import Signature
from tests.factories import make_campaign, make_signature
from tests.integration.public.conftest import Pages

NOON = datetime(2026, 11, 23, 12, 0, 1, tzinfo=UTC)


def test_pages_for_everybody_are_kept_ten_seconds_and_checked_by_a_validator(client: FlaskClient, pages: Pages) -> None:
    with time_machine.travel(NOON, tick=False):  # the count is shown with the minute it was made at
        for path in pages.shared:
            answer = client.get(path)
            assert answer.status_code == 200, path
            words = {word.strip() for word in answer.headers["Cache-Control"].split(",")}
            assert {"public", "max-age=10"} <= words, path
            assert {word.partition("=")[0] for word in words} == {
                "public", "max-age", "stale-while-revalidate", "stale-if-error",
            }, path  # fmt: skip
            again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
            assert (again.status_code, again.data) == (304, b""), path
            assert again.headers["ETag"] == answer.headers["ETag"], path
            assert "max-age=10" in again.headers["Cache-Control"], path
            assert client.get(path, headers={"If-None-Match": '"another"'}).data == answer.data, path


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_compressed_page_has_a_validator_that_works(client: FlaskClient, pages: Pages, coding: str) -> None:
    accepted = {"Accept-Encoding": coding}
    with time_machine.travel(NOON, tick=False):
        answer = client.get(pages.shared[1], headers=accepted)
        assert answer.headers["Content-Encoding"] == coding
        assert "Accept-Encoding" in answer.headers["Vary"]
        again = client.get(pages.shared[1], headers=accepted | {"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert client.get(pages.shared[1]).headers["ETag"] != answer.headers["ETag"]


def test_a_new_signature_makes_another_validator(client: FlaskClient, pages: Pages) -> None:
    path = pages.shared[1]
    with time_machine.travel(NOON, tick=False):
        before = client.get(path).headers["ETag"]
        make_signature(pages.campaign)
        after = client.get(path, headers={"If-None-Match": before})
        assert after.status_code == 200
        assert after.headers["ETag"] != before


def test_two_readers_are_given_the_same_bytes(app: Flask, pages: Pages) -> None:
    with time_machine.travel(NOON, tick=False):
        for path in pages.shared:
            first, second = app.test_client().get(path), app.test_client().get(path)
            assert first.data == second.data, path
            differing = {"Date", "X-RateLimit-Reset"}
            assert {name: value for name, value in first.headers if name not in differing} == {
                name: value for name, value in second.headers if name not in differing
            }, path


def test_a_page_does_not_change_within_its_minute(app: Flask, pages: Pages) -> None:
    bodies = set()
    for seconds in (0, 20, 55):
        with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
            bodies.add(app.test_client().get(pages.shared[1]).data)
    assert len(bodies) == 1


def test_whatever_knows_somebody_or_went_wrong_is_kept_by_nobody(client: FlaskClient, pages: Pages) -> None:
    for path, status in pages.private.items():
        answer = client.get(path)
        assert answer.status_code == status, path
        assert answer.headers["Cache-Control"] == "no-store", path
        assert client.head(path).headers["Cache-Control"] == "no-store", path
    assert client.delete("/").headers["Cache-Control"] == "no-store"


def sources_in(page: str) -> tuple[list[str], list[str]]:
    """The sources that a page's forms carry, and those that its links to the donation form carry."""
    fields = re.findall(r'<input[^>]* name="source"[^>]* value="([^"]*)"', page)
    links = re.findall(r'href="[^"]*/donate(?:\?([^"]*))?"', page)
    return [unescape(field) for field in fields], [unescape(link) for link in links]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("article-1", "article-1"),
        ("https%3A%2F%2Fnews.example%2Fa%3Fb%3D1", "https://news.example/a?b=1"),
        ("%D1%81%D1%82%D0%B0%D1%82%D1%82%D1%8F", "стаття"),
        ("%22%3E%3Cscript%3E", '"><script>'),
        ("x" * LONGEST_SOURCE, "x" * LONGEST_SOURCE),
        ("x" * (LONGEST_SOURCE + 1), ""),
        ("two%20words", ""),
        ("line%0Abreak", ""),
        ("%E2%80%AEx", ""),  # a direction override
        ("%3D1%2B1", ""),  # a spreadsheet would run it
        ("", ""),
    ],
)
def test_the_article_is_carried_into_both_forms_bounded_and_cleaned(client: FlaskClient, given: str, kept: str) -> None:
    campaign = make_campaign()
    base = f"/campaigns/{campaign.slug}"
    page = client.get(f"{base}?source={given}").text
    fields, links = sources_in(page)
    assert fields == ([kept] if kept else [])
    assert "<script" not in page
    assert len(links) >= 5
    assert [parse_qs(link).get("source") for link in links] == [[kept] if kept else None] * len(links)
    assert sources_in(client.get(f"{base}/sign?source={given}").text)[0] == ([kept] if kept else [])
    assert sources_in(client.get(f"{base}/donate?source={given}").text)[0] == ([kept] if kept else [])
    form = {"name": "Ada Lovelace", "email": "ada@example.org", "country": "GB"}
    client.post(f"{base}/sign?source=elsewhere", data=form | {"source": unquote(given)})
    assert db.session.scalars(select(Signature.source)).all() == [kept]
