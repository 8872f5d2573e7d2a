"""Pictures from the upload to the reader: what is asked of an editor, what readers get, and how one is taken back."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, Picture, Update, UpdateKind, UpdateState
from campaign.core.database import db, transaction
from campaign.settings import Settings
from campaign.staff.models import Role
from tests.factories import NOW, make_campaign, make_picture, reread
from tests.integration.admin.conftest import Browser, SignIn

SAID = {
    "alt": "A family at a door",
    "credit": "Photograph: A. Person",
    "people": "agreed",
    "agreement": "By letter, 3 May",
}


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    for name in ("originals", "pictures"):
        shutil.rmtree(settings.storage / name, ignore_errors=True)


def photograph(size: tuple[int, int] = (640, 480), kind: str = "JPEG", mode: str = "RGB") -> io.BytesIO:
    exif = Image.Exif()
    exif[0x010F] = "Canary Cameras"
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind, exif=exif)
    file.seek(0)
    return file


def upload(browser: Browser, campaign: Campaign, file: io.BytesIO | None = None, **fields: Any) -> Any:
    sent = {name: value for name, value in (SAID | fields).items() if value is not None}
    if file is not None:
        sent["file"] = (file, "door.jpg")
    path = f"/admin/campaigns/{campaign.slug}/pictures"
    return browser.post(path, sent, token=browser.token("/admin/"), content_type="multipart/form-data")


def act(browser: Browser, picture: Picture, campaign: Campaign, what: str = "", **fields: Any) -> Any:
    path = f"/admin/campaigns/{campaign.slug}/pictures/{picture.public_id}{what}"
    return browser.post(path, fields, token=browser.token("/admin/"))


def stored() -> list[Picture]:
    db.session.rollback()
    return list(db.session.scalars(select(Picture).order_by(Picture.id)))


def test_a_picture_comes_to_readers_in_the_formats_that_their_browsers_take(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    answer = upload(browser, campaign, photograph((1000, 800)), leads="y")
    assert answer.status_code == 303
    (picture,) = stored()
    assert answer.headers["Location"].endswith(f"/pictures/{picture.public_id}")
    page = browser.get(f"/campaigns/{campaign.slug}").text
    assert 'alt="A family at a door"' in page
    assert "Photograph: A. Person" in page
    assert "By letter" not in page
    addresses = re.findall(rf"/pictures/{picture.digest}/\S+?\.(?:avif|webp|jpg)", page)
    assert len(addresses) == 5
    for address in addresses:
        with browser.get(address) as file:
            assert (file.status_code, file.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
            assert file.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert "Set-Cookie" not in file.headers
            with Image.open(io.BytesIO(file.data)) as image:
                assert file.mimetype == f"image/{(image.format or '').lower()}"
    assert not [path for path in storage.rglob("*") if path.is_file() and b"Canary" in path.read_bytes()]
    actions = db.session.execute(
        select(AuditEntry.action, AuditEntry.details).where(AuditEntry.object_type == "picture").order_by(AuditEntry.id)
    ).all()
    assert [action for action, _ in actions] == ["picture.added", "picture.chosen"]
    assert "letter" not in str(actions)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"alt": ""}, "Say in words what the picture shows."),
        ({"people": None}, "Say whether somebody can be recognised."),
        ({"people": "maybe"}, "Say whether somebody can be recognised."),
        ({"agreement": ""}, "Note who agreed, when and how"),
        ({"file": None}, "Choose a picture."),
        ({"file": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"}, "SVG drawings are not taken"),
        ({"file": photograph((300, 300)).getvalue()}, "at least 480 pixels wide"),
        ({"file": b"large"}, "at most 12 MB and 6,000 by 4,000 pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_missing_or_no_picture_is_said_and_nothing_kept(
    sign_in: SignIn, storage: Path, fields: dict[str, Any], says: str
) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    data = fields.get("file", photograph().getvalue())
    data = photograph((6000, 6000), "PNG", "1").getvalue() if data == b"large" else data
    fields = {name: value for name, value in fields.items() if name != "file"}
    answer = upload(browser, campaign, io.BytesIO(data) if data else None, **fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert SAID["credit"] in answer.text
    assert stored() == []
    assert not [path for path in storage.rglob("*.jpg") if path.is_file()]


def test_the_point_is_pressed_on_the_picture_and_the_address_changes_with_it(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    upload(browser, campaign, photograph((480, 960)))
    (before,) = stored()
    address = f"/pictures/{before.digest}/480.jpg"
    page = browser.get(f"/admin/campaigns/{campaign.slug}/pictures/{before.public_id}").text
    assert 'type="image"' in page
    assert 'width="240" height="480"' in page
    pressed = {"focus.x": "120", "focus.y": "432", "edition": "1"}
    assert act(browser, before, campaign, "/focus", **pressed).status_code == 303
    (after,) = stored()
    assert (after.focus_x, after.focus_y) == (50, 90)
    assert after.digest not in address
    with browser.get(address) as old:  # pages that caches keep lead there
        assert old.status_code == 200
    assert act(browser, before, campaign, "/focus", **pressed).status_code == 409  # an old page
    assert act(browser, before, campaign, "/focus", **{"focus.x": "0", "focus.y": "0"}).status_code == 303
    assert act(browser, before, campaign, "/focus", **{"focus.x": "x"}).status_code == 422
    (same,) = stored()
    assert (same.focus_x, same.focus_y, same.edition) == (50, 90, 2)
    with browser.get(f"/admin/campaigns/{campaign.slug}/pictures/{before.public_id}/whole") as whole:
        assert (whole.mimetype, whole.headers["Cache-Control"]) == ("image/jpeg", "no-store")


def test_what_is_said_of_a_picture_changes_and_a_stale_page_loses_nothing(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    upload(browser, campaign, photograph())
    (picture,) = stored()
    said = SAID | {"focus_x": "0", "focus_y": "100"}
    assert act(browser, picture, campaign, **said | {"alt": "A door", "edition": "1"}).status_code == 303
    late = act(browser, picture, campaign, **said | {"alt": "Another door", "edition": "1"})
    assert late.status_code == 409
    assert "Another door" in late.text
    assert act(browser, picture, campaign, **said | {"focus_x": "101", "edition": "2"}).status_code == 422
    assert act(browser, picture, campaign, **said | {"people": "none", "edition": "2"}).status_code == 303
    (now,) = stored()
    assert (now.alt, now.people.value, now.agreement, now.focus_x) == ("A family at a door", "none", "", 0)


def test_a_picture_is_chosen_for_the_page_and_for_updates(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    first, second = make_picture(campaign, alt="First", digest="a" * 24), make_picture(campaign, alt="Second")
    with transaction() as session:
        told = Update(
            campaign_id=campaign.id, kind=UpdateKind.NEWS, title="News", body="Text", state=UpdateState.PUBLISHED,
            published_at=NOW, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(told)
    other = make_picture(make_campaign())
    page = f"/campaigns/{campaign.slug}"
    assert act(browser, first, campaign, "/show", page="y").status_code == 303
    assert 'alt="First"' in browser.get(page).text
    assert act(browser, second, campaign, "/show", page="y", updates=[told.public_id, "nothing"]).status_code == 303
    shown = browser.get(page).text
    assert ('alt="First"' in shown, shown.count('alt="Second"')) == (False, 2)
    assert 'alt="Second"' in browser.get(f"{page}/updates/{told.public_id}").text
    assert "On the campaign" in browser.get(f"/admin{page}/pictures").text
    assert act(browser, second, campaign, "/show").status_code == 303
    assert 'alt="Second"' not in browser.get(page).text
    assert "welcome.svg" in browser.get(page).text
    assert act(browser, other, campaign, "/show", page="y").status_code == 404


def test_a_picture_that_is_taken_back_is_gone_at_once(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    for _ in range(2):
        upload(browser, campaign, photograph(), leads="y")
    one, twin = stored()
    assert one.digest == twin.digest
    with transaction() as session:
        told = Update(campaign_id=campaign.id, kind=UpdateKind.NEWS, title="News", created_at=NOW, updated_at=NOW)
        told.picture_id = twin.id
        session.add(told)
    assert act(browser, twin, campaign, "/remove").status_code == 303
    with browser.get(f"/pictures/{one.digest}/480.avif") as file:
        assert file.status_code == 200  # the other one has the same cuts
    assert reread(told).picture_id is None
    assert act(browser, one, campaign, "/remove").status_code == 303
    assert browser.get(f"/pictures/{one.digest}/480.avif").status_code == 404
    assert one.digest not in browser.get(f"/campaigns/{campaign.slug}").text
    assert not [path for path in storage.rglob("*") if path.suffix in (".jpg", ".avif")]
    assert stored() == []


def test_a_picture_without_its_files_can_still_be_removed(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    picture = make_picture(campaign)
    page = f"/admin/campaigns/{campaign.slug}/pictures/{picture.public_id}"
    assert browser.get(page).status_code == 200
    assert browser.get(f"{page}/whole").status_code == 404
    pressed = act(browser, picture, campaign, "/focus", **{"focus.x": "9", "focus.y": "9", "edition": "1"})
    assert (pressed.status_code, "The file of this picture is gone" in pressed.text) == (422, True)
    assert act(browser, picture, campaign, "/remove").status_code == 303


@pytest.mark.parametrize("way", ["../secret.txt", "d4/../../secret.txt", "a/480.svg", "a/480.avif.part", ".x/480.avif"])
def test_no_way_leads_to_other_files(client: FlaskClient, storage: Path, way: str) -> None:
    storage.mkdir(parents=True, exist_ok=True)
    (storage / "secret.txt").write_text("canary")
    assert client.get(f"/pictures/{way}", follow_redirects=True).status_code == 404
