"""Card, QR codes and the sheet for paper, as readers and networks get them."""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageChops
from sqlalchemy import update

from campaign.campaigns.models import Campaign, CampaignState, Demand
from campaign.core.database import transaction
from campaign.core.qr import qr_runs
from campaign.settings import Settings
from tests.conftest import need
from tests.factories import make_campaign, make_signature


@pytest.fixture(autouse=True)
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    for name in ("cards", "sheets"):
        shutil.rmtree(settings.storage / name, ignore_errors=True)


def words_of(pdf: bytes) -> str:
    need(shutil.which("pdftotext"), "pdftotext (poppler-utils)")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_the_page_names_the_card_and_the_card_is_an_image_of_the_size_it_says(client: FlaskClient) -> None:
    campaign = make_campaign(title="افتحوا الباب")
    page = client.get(f"/campaigns/{campaign.slug}").text
    tags = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[a-z:]+)" content="([^"]*)"', page))
    assert tags["og:image"] == f"http://campaign.test/campaigns/{campaign.slug}/card.png"
    assert tags["twitter:card"] == "summary_large_image"
    with client.get(tags["og:image"].removeprefix("http://campaign.test")) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in answer.headers
        with Image.open(io.BytesIO(answer.data)) as image:
            assert image.size == (int(tags["og:image:width"]), int(tags["og:image:height"])) == (1200, 630)
        assert len(answer.data) < 300_000


def test_a_card_is_drawn_every_few_minutes_with_the_count_and_not_for_each_reader(
    client: FlaskClient, storage: Path
) -> None:
    campaign = make_campaign(goal=250)
    path = f"/campaigns/{campaign.slug}/card.png"
    first = client.get(path).data
    make_signature(campaign)
    assert client.get(path).data == first
    (file,) = (storage / "cards").iterdir()
    os.utime(file, (1, 1))
    second = client.get(path).data
    changed = ImageChops.difference(*(Image.open(io.BytesIO(data)).convert("RGB") for data in (first, second)))
    assert changed.getbbox()  # another number, and a window lit
    with transaction() as session:
        session.execute(update(Campaign).values(title="Another title", updated_at=campaign.updated_at))
    assert client.get(path).data == second


@pytest.mark.parametrize("name", ["card.png", "qr.svg", "qr.png", "sheet.pdf"])
def test_what_is_no_page_yet_has_none_of_them(client: FlaskClient, name: str) -> None:
    draft = make_campaign(state=CampaignState.DRAFT, published_at=None)
    withdrawn = make_campaign(state=CampaignState.WITHDRAWN)
    assert client.get(f"/campaigns/{draft.slug}/{name}").status_code == 404
    assert client.get(f"/campaigns/nothing/{name}").status_code == 404
    assert client.get(f"/campaigns/{withdrawn.slug}/{name}").status_code == 410
    assert client.get(f"/campaigns/{make_campaign().slug}/{name}").status_code == 200
    assert client.get(f"/campaigns/{make_campaign().slug}/qr.gif").status_code == 404


def test_a_code_carries_the_source_and_nothing_else(client: FlaskClient) -> None:
    campaign = make_campaign()
    path = f"/campaigns/{campaign.slug}/qr"
    plain, poster = (client.get(f"{path}.png{query}").data for query in ("", "?source=library-poster"))
    assert plain != poster
    assert client.get(f"{path}.png?source=two words").data == plain
    with Image.open(io.BytesIO(poster)) as image:
        assert image.size[0] >= 600
        dots = image.convert("1")
        side, runs = qr_runs(f"http://campaign.test/campaigns/{campaign.slug}?source=library-poster")
        dot = image.size[0] // (side + 8)
        dark = {(x, y) for start, y, length in runs for x in range(start, start + length)}
        seen = {
            (x, y) for y in range(side) for x in range(side) if not dots.getpixel(((x + 4.5) * dot, (y + 4.5) * dot))
        }
        assert seen == dark
    svg = client.get(f"{path}.svg?source=library-poster")
    assert svg.mimetype == "image/svg+xml"
    assert "script" not in svg.text
    assert svg.headers["Cache-Control"] == "public, max-age=86400"


def test_the_sheet_says_what_is_signed_and_what_happens_with_the_names(client: FlaskClient) -> None:
    campaign = make_campaign(title="Open the door", names_to_target=True)
    with client.get(f"/campaigns/{campaign.slug}/sheet.pdf") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        words = words_of(answer.data)
    for part in (
        "Open the door", "What we ask the Home Secretary to do", "Do it.", "Full name", "Signature", "Or sign by phone",
        "we give the Home Secretary the names of those who signed", "news only if you tick that box",
        "campaign.test/privacy",
    ):  # fmt: skip
        assert part in words, part
    assert words.count("Full name") == 2  # on both sides
    quiet = make_campaign(names_to_target=False)
    assert "not who they are" in words_of(client.get(f"/campaigns/{quiet.slug}/sheet.pdf").data)


def test_a_demand_of_any_length_and_script_fits_on_the_sheet(client: FlaskClient) -> None:
    campaign = make_campaign(title="Відчиніть двері", target="")
    with transaction() as session:
        demand = "\n".join(
            f"{number}. Ласкаво просимо до нас, усі. أهلا وسهلا" + " word" * 60 for number in range(1, 31)
        )
        session.execute(update(Demand).values(text=demand))
    words = words_of(client.get(f"/campaigns/{campaign.slug}/sheet.pdf").data)
    assert words.count("Ласкаво просимо до нас") == 30
    assert "Full name" in words


def test_the_page_leads_to_the_sheet_and_the_code(client: FlaskClient) -> None:
    campaign = make_campaign()
    page = client.get(f"/campaigns/{campaign.slug}").text
    for name in ("sheet.pdf", "qr.png"):
        assert f'href="/campaigns/{campaign.slug}/{name}"' in page
