"""While somebody tries out stolen cards: a browser with scripts gets through by itself, one without is told what to do."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_accessibility import look
from tests.processes import wait_until

# What a browser does is the same whatever the database.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("demo", ["sqlite"], indirect=True)]

GIVING = "/campaigns/let-doctors-work/donate"


@pytest.fixture(scope="module")
def attacked(demo: Demo) -> Demo:
    """The demo after twenty cards were declined at a campaign that no other test gives to."""
    form = {"amount": "10", "name": "A Thief", "email": "thief@example.org"}
    answer = requests.post(f"{demo.url}{GIVING}", data=form, allow_redirects=False, timeout=20)
    session = answer.headers["Location"].rpartition("/")[2]
    for _ in range(20):
        body = {"session": session, "card": "4000000000000002"}
        assert requests.post(f"{demo.sandbox}/_sandbox/pay", json=body, timeout=20).json()["outcome"] == "declined"
    wait_until(lambda: "puzzle" in requests.get(f"{demo.url}{GIVING}", timeout=20).text, "the puzzle is asked for", 30)
    return demo


@pytest.fixture
def scripted(browser: Browser, attacked: Demo) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=attacked.url)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


def fill_in(page: Page) -> None:
    page.goto(GIVING)
    page.get_by_text("£15", exact=True).first.click()
    page.get_by_label("Full name").fill("Olena Kovalenko")
    page.get_by_label("Email address").fill("olena@example.org")


def test_a_browser_solves_the_puzzle_by_itself(scripted: Page, attacked: Demo) -> None:
    fill_in(scripted)
    scripted.get_by_role("button", name="Continue to payment").click()
    scripted.wait_for_url(f"{attacked.sandbox}/c/pay/*")


def test_without_scripts_it_says_what_to_do(page: Page, attacked: Demo) -> None:
    fill_in(page)
    expect(page.get_by_text("Please come back after about")).to_be_visible()
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("Full name")).to_have_value("Olena Kovalenko")


def test_the_page_with_the_puzzle_is_for_everybody(scripted: Page) -> None:
    assert look(scripted, GIVING) == []
    expect(scripted.get_by_text("so just go on")).to_be_visible()
