"""axe finds nothing on the key pages, at phone and desktop width, light and dark; nothing scrolls sideways, and nothing
is asked from another host."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request

from campaign.cli.demo import DEMO_LOGINS, DEMO_PASSWORD
from tests.browser.conftest import Demo

# The pages are the same whatever the database.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("demo", ["sqlite"], indirect=True)]

CAMPAIGN = "/campaigns/refugees-welcome"
PUBLIC = [
    "/", CAMPAIGN, f"{CAMPAIGN}/sign", f"{CAMPAIGN}/check-your-inbox", f"{CAMPAIGN}/signed", f"{CAMPAIGN}/donate",
    f"{CAMPAIGN}/money", f"{CAMPAIGN}/updates", f"{CAMPAIGN}/handovers",
    "/campaigns/sunday-library/handovers", f"{CAMPAIGN}/statistics", f"{CAMPAIGN}/history", f"{CAMPAIGN}/removed", "/about", "/privacy", "/how-we-count",
    "/accessibility", "/contact", "/nowhere", "/preferences", "/preferences/check-your-inbox",
    "/sandbox/mailbox", "/campaigns/sunday-library", "/admin/login",
]  # fmt: skip
STAFF = [
    "/admin/", "/admin/campaigns", "/admin/campaigns/new", "/admin/audit", "/admin/staff", "/admin/settings", "/admin/gift-aid", "/admin/stripe", "/admin/mail", "/admin/mail/previews",
    *(f"/admin{CAMPAIGN}/{page}" for page in ("edit", "updates", "updates/new", "pictures", "sharing", "mailings", "mailings/new", "supporters", "supporters/file", "answers", "goals", "tallies", "imports", "signatures", "screening", "trends", "invalidations", "exports", "handovers", "handovers/new", "donations", "donations/charts", "donations/exports", "messages", "discreet", "offline", "offline/files", "spending", "statistics", "sources")),
]  # fmt: skip


QUEUE = [f"/admin{CAMPAIGN}/signatures?{query}" for query in ("state=held", "comment=awaiting", "state=held&all=1")]


# Widths and colours go wrong each by itself; all pairs of them are for the long run.
@pytest.fixture(
    params=[
        (320, "light"),
        (1280, "dark"),
        pytest.param((390, "dark"), marks=pytest.mark.long),
        pytest.param((1280, "light"), marks=pytest.mark.long),
    ],
    ids=str,
)
def reader(browser: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, scheme = request.param
    colours: Literal["light", "dark"] = scheme
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=colours, base_url=demo.url)
    yield context.new_page()
    context.close()


def look(page: Page, path: str) -> list[str]:
    """What is wrong with a page, in words; empty where nothing is."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.goto(path)
    page.remove_listener("request", note)
    strangers = [url for url in asked if url.startswith("http") and urlsplit(url).netloc != urlsplit(page.url).netloc]
    found = [f"{path}: {rule['id']}: {rule['nodes'][0]['html']}" for rule in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{path}: scrolls sideways")
    return found + [f"{path}: asks {url}" for url in strangers]


def test_public_pages(reader: Page) -> None:
    assert [problem for path in PUBLIC for problem in look(reader, path)] == []


def test_staff_pages(reader: Page) -> None:
    reader.goto("/admin/login")
    reader.get_by_label("Email address").fill(next(email for email, role in DEMO_LOGINS if role == "admin"))
    reader.get_by_label("Password").fill(DEMO_PASSWORD)
    reader.get_by_role("button", name="Sign in").click()
    reader.goto(QUEUE[0])
    one = reader.locator("a.who-signed").first.get_attribute("href")
    assert one
    reader.goto(f"/admin{CAMPAIGN}/invalidations")
    reader.get_by_label("Country").select_option("DE")
    reader.get_by_role("button", name="Count them").click()
    counted = urlsplit(reader.url).path
    reader.goto(f"/admin{CAMPAIGN}/mailings/new")
    reader.get_by_label("Subject").fill("The lorry has arrived")
    reader.get_by_label("Text").fill("All of it.")
    reader.get_by_role("button", name="Store").click()
    written = urlsplit(reader.url).path
    assert [problem for path in [*STAFF, *QUEUE, one, counted, written] for problem in look(reader, path)] == []
