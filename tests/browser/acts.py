"""What people do in more than one of the walks here."""

import re
import time

from playwright.sync_api import Page, expect

from campaign.cli.demo import DEMO_LOGINS, DEMO_PASSWORD

LOGIN = {role: email for email, role in DEMO_LOGINS}


def open_mail(page: Page, address: str, subject: str) -> None:
    """Open the newest mail to the address in the demo's mailbox."""
    entry = page.locator("li").filter(has_text=address).filter(has_text=subject)
    deadline = time.monotonic() + 20
    while True:
        page.goto("/sandbox/mailbox")
        if entry.count():
            entry.first.get_by_role("link").click()
            return
        assert time.monotonic() < deadline, f"no mail to {address}"
        time.sleep(0.5)


def sign_in(page: Page, role: str) -> None:
    page.context.clear_cookies()
    page.goto("/admin/login")
    page.get_by_label("Email address").fill(LOGIN[role])
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/admin/$"))


def pay(page: Page, card: str) -> None:
    page.get_by_label("Card number").fill(card)
    page.get_by_label("Expiry date").fill("12/34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on card").fill("O Kovalenko")
    page.get_by_role("button", name=re.compile("^Pay £10.00")).click()
