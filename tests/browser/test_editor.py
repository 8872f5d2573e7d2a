"""An editor's whole job in a browser: from nothing to a page that readers sign, on a phone and without a manual."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import sign_in
from tests.browser.conftest import Demo

# What the editor does is the same whatever the database; the rooms are tried on both elsewhere.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("demo", ["sqlite"], indirect=True)]

TEXTS = {
    "Title": "Warm rooms for the winter",
    "Short name": "Warm rooms",
    "Who is asked": "the city council",
    "Goal": "5,000",
    "Goal for donations": "20000",
    "Budget": "Heaters: 15,000\nTransport: 5,000",
}


def test_a_campaign_is_made_shown_to_a_colleague_and_published(page: Page, browser: Browser, demo: Demo) -> None:
    sign_in(page, "editor")
    page.goto("/admin/campaigns")
    page.get_by_role("link", name="New campaign").click()
    page.get_by_role("link", name="A petition with donations").click()
    for label, words in TEXTS.items():
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_label("Summary").fill("Homes go cold. The council can open its halls. Ask it to.")
    page.get_by_label("The demand", exact=True).fill("1. **Open the halls** by December.")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("Stored as a draft")).to_be_visible()

    # The story still has the template's brackets: the list says so, and leads there.
    page.get_by_role("link", name="No words in [brackets]").click()
    expect(page).to_have_url(re.compile("#story$"))
    page.get_by_label("Story", exact=True).fill("## Now\n\nIt is **cold**.")
    page.get_by_role("button", name="Preview the texts").click()
    expect(page.get_by_label("Preview: Story").locator("strong")).to_have_text("cold")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("link", name="No words in [brackets]")).to_have_count(0)

    page.get_by_role("button", name="Make a secret link").click()
    address = page.get_by_label("Secret link").input_value()
    colleague = browser.new_page()
    colleague.goto(address)
    expect(colleague.get_by_role("heading", level=1)).to_have_text("Warm rooms for the winter")
    expect(colleague.get_by_role("button", name="Sign the petition")).to_be_disabled()
    colleague.close()

    page.get_by_role("button", name="Save and publish").click()
    page.get_by_role("link", name="See the page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Warm rooms for the winter")
    expect(page.get_by_role("button", name="Sign the petition")).to_be_enabled()


def test_the_preview_follows_what_is_typed(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(base_url=demo.url)
    page = context.new_page()
    sign_in(page, "editor")
    page.goto("/admin/campaigns/new")
    page.get_by_label("Story", exact=True).fill("- one\n- <b>two</b>")
    shown = page.get_by_label("Preview: Story")
    expect(shown.get_by_role("listitem")).to_have_text(["one", "<b>two</b>"])
    page.get_by_label("Story", exact=True).press_sequentially("!")
    expect(shown.get_by_role("listitem")).to_have_text(["one", "<b>two</b>!"])
    context.close()
