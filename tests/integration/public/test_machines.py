"""What machines ask for: the feed, the sitemap, robots.txt, security.txt, and whether the process lives and can serve."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from campaign.campaigns.models import UpdateState
from campaign.core import clock
from campaign.core.database import db
from tests.factories import NOW, make_campaign
from tests.integration.public.conftest import make_update

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
MARKUP = "<b>Tea</b> & \"coats\" ]]> {{ 7*7 }} <script>alert('x')</script>"


def text_of(node: ET.Element, *path: str) -> str:
    """The text at a path of Atom elements."""
    found = node.find("/".join(f"{ATOM}{name}" for name in path))
    assert found is not None
    return found.text or ""


def links_of(node: ET.Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in node.findall(f"{ATOM}link")}


def test_the_feed_tells_the_published_updates_newest_first(client: FlaskClient) -> None:
    campaign, other = make_campaign(title=MARKUP), make_campaign()
    new = make_update(campaign, title=MARKUP, body="**Warm** <script>x</script> [a](javascript:x)", published_at=NOW)
    old = make_update(campaign, title="Old news", published_at=NOW - timedelta(days=2), updated_at=NOW)
    make_update(other, title="Elsewhere")
    for state in (UpdateState.DRAFT, UpdateState.SCHEDULED):
        make_update(campaign, title="Not yet", state=state, published_at=None)
    answer = client.get(f"/campaigns/{campaign.slug}/updates.atom")
    assert answer.mimetype == "application/atom+xml"
    feed, base = ET.fromstring(answer.data), f"http://campaign.test/campaigns/{campaign.slug}"
    assert feed.tag == f"{ATOM}feed"
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "en"
    assert text_of(feed, "title") == MARKUP
    assert text_of(feed, "id") == base
    assert text_of(feed, "author", "name") == "The Daily Lantern"
    assert links_of(feed) == {"alternate": base, "self": f"{base}/updates.atom"}
    assert datetime.fromisoformat(text_of(feed, "updated")) == NOW
    entries = feed.findall(f"{ATOM}entry")
    assert [text_of(entry, "title") for entry in entries] == [MARKUP, "Old news"]
    for entry, update in zip(entries, (new, old), strict=True):
        assert text_of(entry, "id") == f"{base}/updates/{update.public_id}"
        assert links_of(entry) == {"alternate": text_of(entry, "id")}
        assert datetime.fromisoformat(text_of(entry, "published")) == update.published_at
        assert client.get(text_of(entry, "id").removeprefix("http://campaign.test")).status_code == 200
    content = entries[0].find(f"{ATOM}content")
    assert content is not None
    assert content.attrib["type"] == "html"
    assert "<strong>Warm</strong>" in (content.text or "")
    for live in ("<script", 'href="javascript'):
        assert live not in (content.text or "")


def test_a_feed_without_updates_is_still_a_feed(client: FlaskClient) -> None:
    feed = ET.fromstring(client.get(f"/campaigns/{make_campaign().slug}/updates.atom").data)
    assert feed.findall(f"{ATOM}entry") == []
    assert datetime.fromisoformat(text_of(feed, "updated")) == NOW


@pytest.mark.parametrize(("state", "status"), [("draft", 404), ("withdrawn", 410), ("closed", 200)])
def test_the_feed_follows_its_campaign(client: FlaskClient, state: str, status: int) -> None:
    campaign = make_campaign(state=state, published_at=None if state == "draft" else NOW)
    assert client.get(f"/campaigns/{campaign.slug}/updates.atom").status_code == status


def test_the_sitemap_names_the_open_campaigns(client: FlaskClient) -> None:
    first, second = make_campaign(), make_campaign(updated_at=NOW - timedelta(days=1))
    for state in ("draft", "closed", "withdrawn"):
        make_campaign(state=state, published_at=None if state == "draft" else NOW)
    make_campaign(opens_at=clock.now() + timedelta(days=1))
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    found = {
        url.findtext(f"{SITEMAP}loc"): url.findtext(f"{SITEMAP}lastmod")
        for url in ET.fromstring(answer.data).findall(f"{SITEMAP}url")
    }
    assert found == {
        "http://campaign.test/": None,
        f"http://campaign.test/campaigns/{first.slug}": "2026-03-12T14:00:00+00:00",
        f"http://campaign.test/campaigns/{second.slug}": "2026-03-11T14:00:00+00:00",
    }


def test_robots_are_kept_from_forms_mailed_links_and_staff(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert lines[-1] == "Sitemap: http://campaign.test/sitemap.xml"
    kept_out = {line.removeprefix("Disallow: ") for line in lines[1:-1]}
    assert {"/admin", "/confirm/", "/donations/", "/campaigns/*/sign", "/campaigns/*/donate"} <= kept_out
    assert not {"", "/", "/campaigns", "/campaigns/"} & kept_out


def test_pages_of_one_task_are_not_indexed(client: FlaskClient) -> None:
    slug = make_campaign().slug
    for page in ("sign", "donate", "check-your-inbox", "signed"):
        assert '<meta name="robots" content="noindex">' in client.get(f"/campaigns/{slug}/{page}").text
    assert "noindex" not in client.get(f"/campaigns/{slug}").text


def test_security_txt_says_whom_to_tell_and_until_when(client: FlaskClient) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert set(fields) == {"Contact", "Expires", "Canonical"}
    assert fields["Contact"] == "mailto:campaign@lantern.example"
    assert fields["Canonical"] == "http://campaign.test/.well-known/security.txt"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=90) < expires - datetime.now(UTC) < timedelta(days=365)  # RFC 9116: less than a year


@contextmanager
def schema_at(revision: str | None) -> Iterator[None]:
    """The database as if migrated to another revision, or never."""
    with db.engine.begin() as connection:
        before = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    change = f"UPDATE alembic_version SET version_num = '{revision}'" if revision else "DELETE FROM alembic_version"
    with db.engine.begin() as connection:
        connection.exec_driver_sql(change)
    db.session.rollback()  # the next request is to see this
    try:
        yield
    finally:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM alembic_version")
            connection.exec_driver_sql(f"INSERT INTO alembic_version (version_num) VALUES ('{before}')")
        db.session.rollback()


@pytest.mark.parametrize("revision", ["0001", None])
def test_readyz_says_so_while_the_schema_is_behind(client: FlaskClient, revision: str | None) -> None:
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready\n")
    with schema_at(revision):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "make upgrade" in answer.text
        assert answer.headers["Retry-After"] == "10"
        assert answer.headers["Cache-Control"] == "no-store"
        assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")
    assert client.get("/readyz").status_code == 200
