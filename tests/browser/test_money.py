"""Money in a browser: a gift each month, changed, paused and cancelled from its mail without asking anyone; and an admin
who gives one back."""

import re
import uuid
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import open_mail, pay, sign_in
from tests.browser.conftest import Demo
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("demo", ["sqlite"], indirect=True)]

SLUG = "refugees-welcome"


def start_giving(page: Page, frequency: str, address: str) -> None:
    page.goto(f"/campaigns/{SLUG}/donate?frequency={frequency}")
    page.locator(f".{frequency}").get_by_text("£10", exact=True).click()
    page.get_by_label("Full name").fill("Olena Kovalenko")
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Continue to payment").click()
    pay(page, "4242 4242 4242 4242")
    page.wait_for_url(re.compile("/donations/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your donation")


def follow(page: Page, place: Locator) -> None:
    """Press it, and wait until the next page is there: one that is still on its way cannot be loaded anew."""
    with page.expect_navigation():
        place.click()


def shows(page: Page, place: Locator, words: str) -> None:
    """Reload, as one does, until the worker has told Stripe and Stripe has told us."""
    wait_until(lambda: page.reload() and words in place.inner_text(), words, 20)


def test_a_monthly_gift_is_changed_paused_and_cancelled_by_its_donor(page: Page, demo: Demo) -> None:
    address = f"{uuid.uuid4().hex[:8]}@example.org"
    start_giving(page, "monthly", address)
    expect(page.get_by_text("You give this every month.")).to_be_visible()
    open_mail(page, address, "Your donation")
    mail = page.url
    letter = page.frame_locator("iframe")
    letter.get_by_role("link", name="Change, pause or cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your donations")
    own, gift = page.url, page.get_by_role("region", name="Open the door")
    page.get_by_role("link", name="Change amount").click()
    page.get_by_label("New amount each month").fill("12.50")
    follow(page, page.get_by_role("button", name="Change the amount"))
    shows(page, gift, "£12.50 every month")
    follow(page, page.get_by_role("button", name="Pause"))
    shows(page, gift, "Nothing is taken until you resume it.")
    follow(page, page.get_by_role("button", name="Resume"))
    shows(page, gift, "Active")

    page.get_by_role("button", name="Change card").click()
    assert urlsplit(page.url).netloc == urlsplit(demo.sandbox).netloc
    expect(page.get_by_text("Charged to Visa ending in 4242.")).to_be_visible()
    assert urlsplit(own).path not in page.content()
    page.get_by_role("link", name="Return to").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your donation")

    page.goto(mail)
    letter.get_by_role("link", name="Change, pause or cancel").click()  # one
    page.get_by_role("link", name="Cancel").click()  # two
    page.get_by_role("button", name="Cancel the monthly gift").click()  # three
    expect(gift).to_contain_text("Nothing more is taken.")
    expect(page.get_by_role("link", name="Cancel")).to_have_count(0)
    assert page.context.cookies() == []
    sign_in(page, "admin")
    find(page, address)
    story = page.get_by_role("region", name="Monthly gift")
    shows(page, story, "Ended by\nThe donor")


def find(page: Page, address: str) -> None:
    """From the list of donations to the gift of somebody whose address an admin was told."""
    page.goto(f"/admin/campaigns/{SLUG}/donations")
    page.get_by_label("Email address, Stripe id").fill(address)
    page.get_by_role("button", name="Find").click()
    assert address not in page.url
    follow(page, page.get_by_role("link", name="Olena Kovalenko"))


def test_an_admin_gives_money_back_in_two_clicks_and_a_reason(page: Page) -> None:
    address = f"{uuid.uuid4().hex[:8]}@example.org"
    start_giving(page, "once", address)
    sign_in(page, "admin")
    find(page, address)
    page.get_by_role("link", name="Give back").click()  # one
    page.get_by_label("Why?").fill("Given twice by mistake")
    follow(page, page.get_by_role("button", name="Give the money back"))  # two
    shows(page, page.get_by_role("region", name="Step by step"), "Refunded")
    expect(page.get_by_role("region", name="Given back")).to_contain_text("Given twice by mistake")
    expect(page.get_by_text("nothing left")).to_be_visible()
