"""A picture in a browser: added, its point pressed, and seen by readers in the format and width that their browser takes."""

import io
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import sign_in
from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("demo", ["sqlite"], indirect=True)]

CAMPAIGN = "/campaigns/refugees-welcome"


def a_phone(browser: Browser, demo: Demo) -> Iterator[Page]:
    """With scripts, which axe needs."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, base_url=demo.url)
    yield context.new_page()
    context.close()


phone = pytest.fixture(a_phone)
reader = pytest.fixture(a_phone)  # another one: a browser that has a larger file already takes that


def tall_photograph() -> bytes:
    """With what matters, a yellow door, near its foot."""
    photo = Image.effect_mandelbrot((1400, 1800), (-2, -1.2, 1, 1.2), 40).convert("RGB")
    ImageDraw.Draw(photo).rectangle((600, 1500, 800, 1750), fill=(255, 200, 69))
    written = io.BytesIO()
    photo.save(written, "JPEG", quality=90)
    return written.getvalue()


def wrong_with(page: Page) -> list[str]:
    found = [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    return found


def test_an_editor_adds_a_picture_and_readers_get_it_small(phone: Page, reader: Page) -> None:
    sign_in(phone, "editor")
    phone.goto(f"/admin{CAMPAIGN}/pictures")
    phone.get_by_label("Picture", exact=True).set_input_files(
        {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": tall_photograph()}
    )
    phone.get_by_label("Show it at the head").check()
    phone.get_by_role("button", name="Add it").click()
    expect(phone.get_by_role("group", name="There is a problem")).to_contain_text(
        "Say in words what the picture shows."
    )
    assert wrong_with(phone) == []
    phone.get_by_label("What it shows, in words").fill("A yellow door at night")
    phone.get_by_label("Nobody can be recognised in it").check()
    phone.get_by_label("Show it at the head").check()
    phone.get_by_label("Picture", exact=True).set_input_files(
        {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": tall_photograph()}
    )
    phone.get_by_role("button", name="Add it").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("A picture")
    assert wrong_with(phone) == []
    with phone.expect_navigation():
        phone.locator("input[type=image]").click(position={"x": 120, "y": 280})
    expect(phone.get_by_text(re.compile("50 percent from the left and 9[01] percent"))).to_be_visible()
    try:
        reader.goto(CAMPAIGN, wait_until="networkidle")
        expect(reader.get_by_alt_text("A yellow door at night")).to_be_visible()
        taken = reader.evaluate("document.querySelector('.hero img').currentSrc")
        assert taken.endswith("/800.avif")
        assert len(reader.request.get(taken).body()) <= 45_000
        assert reader.evaluate("document.querySelector('.hero img').naturalWidth") > 0
        assert wrong_with(reader) == []
    finally:  # other tests look at the demo's own drawing
        with phone.expect_navigation():
            phone.get_by_role("button", name="Remove the picture").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Pictures")


def test_the_page_about_passing_it_on_is_whole(phone: Page) -> None:
    sign_in(phone, "editor")
    phone.goto(f"/admin{CAMPAIGN}/sharing?source=poster", wait_until="networkidle")
    assert phone.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    assert wrong_with(phone) == []
