"""The moderators' list in a browser: everything without scripts, and the keys where there are."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from campaign.cli.demo import DEMO_LOGINS, DEMO_PASSWORD
from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("demo", ["sqlite"], indirect=True)]

HELD = "/admin/campaigns/refugees-welcome/signatures?state=held"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def moderator(browser: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        java_script_enabled=request.param, base_url=demo.url, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto("/admin/login")
    page.get_by_label("Email address").fill(next(email for email, role in DEMO_LOGINS if role == "moderator"))
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(HELD)
    yield page
    context.close()


def held(page: Page) -> int:
    return int(page.get_by_role("link", name="Needs a person").inner_text().rsplit(" ", 1)[1])


def test_choosing_deciding_and_undoing_with_the_mouse(moderator: Page) -> None:
    before = held(moderator)
    for place in (0, 1):
        moderator.locator('input[name="ids"]').nth(place).check()
    moderator.get_by_role("button", name="Count", exact=False).first.click()
    expect(moderator.get_by_text("2 signatures counted.")).to_be_visible()
    assert held(moderator) == before - 2
    moderator.get_by_role("button", name="Undo").click()
    expect(moderator.get_by_text("2 are back as they were.")).to_be_visible()
    assert held(moderator) == before
    moderator.locator('input[name="ids"]').first.check()
    moderator.get_by_role("button", name="like these").click()
    expect(moderator.get_by_text("chosen.").first).to_be_visible()
    assert "like=" in moderator.url
    moderator.goto(HELD)
    moderator.locator("a.who-signed").nth(2).click()
    expect(moderator.get_by_label("Or reject because")).to_be_visible()
    expect(moderator.get_by_text("Form sent")).to_be_visible()


@pytest.mark.parametrize("moderator", [True], indirect=True)
def test_the_keys_do_what_the_buttons_do_and_can_be_turned_off(moderator: Page) -> None:
    before, keys = held(moderator), moderator.keyboard
    for key in "jjx":
        keys.press(key)
    expect(moderator.get_by_text("1 chosen.")).to_be_visible()
    keys.press("k")
    keys.press("X")
    expect(moderator.get_by_text("2 chosen.")).to_be_visible()
    keys.press("a")
    expect(moderator.get_by_text("2 signatures counted.")).to_be_visible()
    keys.press("z")
    expect(moderator.get_by_text("2 are back as they were.")).to_be_visible()
    keys.press("j")
    keys.press("r")  # no reason yet: it asks for one, and then letters are letters
    expect(moderator.get_by_label("Reason, to reject")).to_be_focused()
    keys.type("a maze")
    assert moderator.get_by_label("Reason, to reject").input_value() == "a maze"
    moderator.get_by_role("heading", name="Signatures").click()
    keys.press("/")
    expect(moderator.get_by_label("Name, email or country")).to_be_focused()
    moderator.get_by_role("button", name="Turn keys off").click()
    moderator.reload()
    keys.press("j")
    keys.press("x")
    keys.press("a")
    assert moderator.evaluate("document.activeElement === document.body")
    assert held(moderator) == before
    moderator.get_by_role("button", name="Turn keys on").click()
    moderator.locator("body").press("j")
    assert moderator.evaluate("document.activeElement.id").startswith("name-")
