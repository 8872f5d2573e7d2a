"""The hosted page in a real browser: the way back over another origin, looks, accessibility."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.integration.sandbox.process import CANCEL, CARD, SandboxProcess

pytestmark = pytest.mark.browser


class Shop(http.server.BaseHTTPRequestHandler):
    """The site that sent the payer and gets them back."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Thank you</title>")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def fill(page: Page, number: str) -> None:
    """Fill in the card and press the button."""
    for name, value in {**CARD, "card_number": number}.items():
        page.fill(f"#{name}", value)
    page.get_by_role("button", name="Pay £10.00").click()


def test_declined_authenticated_and_back_at_the_shop(shared: SandboxProcess, browser: Browser, shop: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    back = f"{shop}/thanks?session={{CHECKOUT_SESSION_ID}}"
    session = shared.session(success_url=back, cancel_url=f"{shop}/campaign")
    page.goto(session.url or "")
    fill(page, "4000000000000002")
    assert "Your card was declined." in page.get_by_role("alert").inner_text()
    fill(page, "4000002500003155")
    page.get_by_role("button", name="Complete").click()
    page.wait_for_url(f"{shop}/thanks?session={session.id}")
    assert page.title() == "Thank you"
    page.goto(f"{shared.url}/c/pay/{session.id}")
    page.get_by_role("link", name="Continue").click()
    page.wait_for_url(f"{shop}/thanks?session={session.id}")
    page.close()


def test_cancelling(shared: SandboxProcess, browser: Browser, shop: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(shared.session(cancel_url=f"{shop}/campaign").url or "")
    page.get_by_role("link", name="Cancel and go back").click()
    page.wait_for_url(f"{shop}/campaign")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_page_is_accessible(shared: SandboxProcess, browser: Browser, width: int, scheme: str) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    session = shared.session()
    page.goto(session.url or "")
    check(page, width)
    page.get_by_role("button", name="Pay £10.00").click()
    check(page, width)
    fill(page, "4000002500003155")
    check(page, width)
    page.get_by_role("button", name="Fail").click()
    check(page, width)
    shared.client().v1.checkout.sessions.expire(session.id)
    for address in (f"/c/pay/{session.id}", "/c/pay/none"):
        page.goto(shared.url + address)
        check(page, width)
    page.close()


def portal_of(shared: SandboxProcess) -> tuple[str, str]:
    """A customer's portal, and the monthly gift in it."""
    gift = shared.subscribed()["subscription"]
    customer = shared.client().v1.subscriptions.retrieve(gift).customer
    session = shared.client().v1.billing_portal.sessions.create({"customer": str(customer), "return_url": CANCEL})
    return session.url, gift


def test_a_monthly_gift_is_cancelled_in_the_portal(shared: SandboxProcess, browser: Browser) -> None:
    url, gift = portal_of(shared)
    page = browser.new_page(java_script_enabled=False)
    page.goto(url)
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Cancel it").click()
    assert "Cancelled: it ends on" in page.inner_text("main")
    assert shared.client().v1.subscriptions.retrieve(gift).cancel_at_period_end
    page.get_by_role("button", name="Don’t cancel").click()
    assert "Next payment on" in page.inner_text("main")
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_portal_and_controls_are_accessible(shared: SandboxProcess, browser: Browser, width: int, scheme: str) -> None:
    url, gift = portal_of(shared)
    for card in ("4000000000000259", "4000000000005423"):
        shared.control("pay", {"session": shared.session().id, "card": card})
    shared.control("pay", {"session": shared.session().id, "method": "bank_debit"})
    shared.control("refund", {"charge": shared.paid()["charge"]})
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    for address in (
        url,
        f"{url}/card",
        f"{url}/cancel/{gift}",
        f"{shared.url}/p/session/none",
        f"{shared.url}/_sandbox/",
    ):
        page.goto(address)
        check(page, width)
    page.get_by_label("Refund part of a payment intent").fill("pi_none")
    page.locator("form", has=page.get_by_label("Refund part")).get_by_role("button").click()
    assert "No such payment_intent" in page.inner_text("main")
    check(page, width)
    page.close()


def check(page: Page, width: int) -> None:
    """No finding, no sideways scrolling."""
    page.wait_for_load_state()  # a page is judged with its styles
    findings = Axe().run(page)
    assert findings.violations_count == 0, f"{page.url}: {findings.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
