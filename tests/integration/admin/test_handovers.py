"""Hand-overs as staff record them and readers see them, and the pack from the form to the file."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, Handover
from campaign.core.database import db, transaction
from campaign.petitions.models import CollectedTally, CommentState, Export, SignatureState
from campaign.settings import Settings
from campaign.staff.models import Role
from campaign.worker.exports import make_exports
from tests.conftest import BASE_URL
from tests.factories import make_campaign, make_signature, reread
from tests.integration.admin.conftest import Browser, SignIn

FIELDS = {
    "handed_on": "2026-03-12", "recipient": "the Home Secretary", "signatures": "186,412", "body": "Through the *rain*.",
    "answer": "<b>We</b> will consider it.",
}  # fmt: skip


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    yield settings.storage
    for name in ("exports", "pictures"):
        shutil.rmtree(settings.storage / name, ignore_errors=True)


def photograph(size: tuple[int, int] = (1900, 1200), kind: str = "JPEG") -> io.BytesIO:
    """A picture that says where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Canary Cameras"
    file = io.BytesIO()
    Image.new("RGB", size, "navy").save(file, kind, exif=exif)
    file.seek(0)
    return file


def send(browser: Browser, campaign: Campaign, path: str = "new", **fields: Any) -> Any:
    sent = {name: value for name, value in (FIELDS | fields).items() if value is not None}
    address = f"/admin/campaigns/{campaign.slug}/handovers/{path}"
    return browser.post(address, sent, token=browser.token("/admin/"), content_type="multipart/form-data")


def signed_campaign(**more: Any) -> Campaign:
    """A campaign with as many signatures as FIELDS has."""
    campaign = make_campaign(**more)
    with transaction() as session:
        tally = {"source": "stations", "count": 186_412, "counted_on": date(2026, 3, 11)}
        session.add(CollectedTally(campaign_id=campaign.id, origin="paper", **tally))
    return campaign


def recorded() -> list[Handover]:
    db.session.rollback()
    return list(db.session.scalars(select(Handover).order_by(Handover.id)))


def test_a_handover_is_recorded_and_shown_once_it_is_public(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = signed_campaign(), sign_in(Role.EDITOR)
    page = f"/campaigns/{campaign.slug}/handovers"
    assert send(browser, campaign).status_code == 303
    (stored,) = recorded()
    assert (stored.recipient, stored.signatures, stored.is_public) == ("the Home Secretary", 186_412, False)
    assert "Home Secretary" in browser.get(f"/admin{page}").text
    assert "Nothing has been handed over yet" in browser.get(page).text
    assert page not in browser.get(f"/campaigns/{campaign.slug}").text
    edit = f"{stored.public_id}/edit"
    assert send(browser, campaign, edit, is_public="y", edition="1").status_code == 303
    shown = browser.get(page)
    assert "12 March 2026: to the Home Secretary" in shown.text
    assert "186,412 people had signed" in shown.text
    assert "Through the <em>rain</em>" in shown.text
    assert "&lt;b&gt;We&lt;/b&gt; will consider it." in shown.text
    assert "Set-Cookie" not in shown.headers
    assert page in browser.get(f"/campaigns/{campaign.slug}").text
    db.session.rollback()
    actions = list(db.session.scalars(select(AuditEntry.action).where(AuditEntry.object_type == "handover")))
    assert actions == ["handover.recorded", "handover.edited"]
    assert browser.get(f"/campaigns/{make_campaign().slug}/handovers").text.count("Home Secretary") == 0
    assert browser.get("/campaigns/nothing/handovers").status_code == 404


def test_a_photograph_is_kept_without_what_the_camera_added(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = signed_campaign(), sign_in(Role.EDITOR)
    photo = {"photo": (photograph(), "door.jpg"), "photo_alt": "A door", "photo_agreed": "y", "is_public": "y"}
    assert send(browser, campaign, **photo).status_code == 303
    (stored,) = recorded()
    (file,) = (storage / "pictures").iterdir()
    assert file.name == stored.photo
    with Image.open(file) as kept:
        assert (kept.format, kept.size) == ("JPEG", (1600, 1011))
        assert dict(kept.getexif()) == {}
    assert b"Canary" not in file.read_bytes()
    picture = browser.get(f"/pictures/{stored.photo}")
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    assert "default-src 'none'" in picture.headers["Content-Security-Policy"]
    page = browser.get(f"/campaigns/{campaign.slug}/handovers").text
    assert f'src="/pictures/{stored.photo}"' in page
    assert 'alt="A door"' in page
    again = {"photo": (photograph(kind="PNG"), "x.png"), "photo_alt": "Another", "photo_agreed": "y", "edition": "1"}
    assert send(browser, campaign, f"{stored.public_id}/edit", **again).status_code == 303
    (other,) = (storage / "pictures").iterdir()
    assert other.name == recorded()[0].photo != file.name
    assert send(browser, campaign, f"{stored.public_id}/edit", photo_remove="y", edition="2").status_code == 303
    assert recorded()[0].photo is None
    assert not list((storage / "pictures").iterdir())


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"handed_on": "2999-01-01"}, "Enter a day that has been."),
        ({"handed_on": ""}, "Enter the day."),
        ({"recipient": ""}, "Write who took it."),
        ({"signatures": "many"}, "Enter a whole number above zero"),
        ({"signatures": "186,413"}, "Only 186,412 have ever signed."),
        ({"pack": "0" * 64}, "Choose a pack from the list."),
        ({"photo": b"GIF89a", "photo_alt": "A", "photo_agreed": "y"}, "Choose a photograph saved as JPEG, PNG or WebP"),
        ({"photo": b"<svg xmlns='x'/>", "photo_alt": "A", "photo_agreed": "y"}, "cannot be read as a picture"),
        ({"photo": b"", "photo_alt": "A", "photo_agreed": "y"}, "cannot be read as a picture"),
        ({"photo": "real", "photo_alt": "A"}, "Ask the people in the photograph first"),
        ({"photo": "real", "photo_agreed": "y"}, "Say in words what the photograph shows."),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_kept(
    sign_in: SignIn, storage: Path, fields: dict[str, Any], says: str
) -> None:
    campaign, browser = signed_campaign(), sign_in(Role.EDITOR)
    if "photo" in fields:
        file = photograph((20, 20)) if fields["photo"] == "real" else io.BytesIO(fields["photo"])
        fields = fields | {"photo": (file, "p.jpg")}
    answer = send(browser, campaign, **fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert "Through the *rain*." in answer.text
    assert recorded() == []
    assert not (storage / "pictures").exists()


def test_who_was_removed_or_left_since_had_signed_by_then(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    for state in (SignatureState.CONFIRMED, SignatureState.INVALIDATED, SignatureState.WITHDRAWN):
        make_signature(campaign, state=state)
    make_signature(campaign, state=SignatureState.PENDING)
    assert send(browser, campaign, signatures="4").status_code == 422
    assert send(browser, campaign, signatures="3").status_code == 303
    (stored,) = recorded()
    with transaction() as session:
        session.get(Handover, stored.id).signatures = 99  # as it was stored before there was this rule
    edit = f"{stored.public_id}/edit"
    assert send(browser, campaign, edit, signatures="100", edition="1").status_code == 422
    assert send(browser, campaign, edit, signatures="99", edition="2").status_code == 303


def test_a_stale_edit_is_refused_and_another_campaigns_is_unknown(sign_in: SignIn, storage: Path) -> None:
    campaign, other, browser = signed_campaign(), signed_campaign(), sign_in(Role.EDITOR)
    send(browser, campaign)
    (stored,) = recorded()
    path = f"{stored.public_id}/edit"
    assert send(browser, campaign, path, edition="1", answer="First").status_code == 303
    late = send(browser, campaign, path, edition="1", answer="Second")
    assert late.status_code == 409
    assert "Somebody else has changed this" in late.text
    assert reread(stored).answer == "First"
    assert send(browser, other, path, edition="2").status_code == 404
    assert browser.get(f"/admin/campaigns/{other.slug}/handovers/{path}").status_code == 404


def test_only_this_form_takes_more_than_forms_do(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = signed_campaign(), sign_in(Role.ADMIN)
    large = io.BytesIO(b"x" * 200_000)
    assert send(browser, campaign, photo=(large, "p.jpg"), photo_alt="A", photo_agreed="y").status_code == 422
    address = f"/admin/campaigns/{campaign.slug}/handovers/new"
    too_large = b"x" * 13 * 1024 * 1024
    sent = {"data": too_large, "content_type": "multipart/form-data; boundary=b", "headers": {"Origin": BASE_URL}}
    assert browser.send(address, method="POST", **sent).status_code == 413
    assert send(browser, campaign, body="x" * 300_000).status_code == 413
    elsewhere = f"/admin/campaigns/{campaign.slug}/exports"
    fields = {"reason": "To try it", "file": (io.BytesIO(b"x" * 200_000), "p.jpg")}
    answer = browser.post(elsewhere, fields, token=browser.token("/admin/"), content_type="multipart/form-data")
    assert answer.status_code == 413


def ask(browser: Browser, campaign: Campaign, **fields: Any) -> Export:
    address = f"/admin/campaigns/{campaign.slug}/handovers/pack"
    sent = {"reason": "Hand over on 12 March"} | fields
    assert browser.post(address, sent, token=browser.token("/admin/")).status_code == 303
    db.session.rollback()
    export = db.session.scalars(select(Export).order_by(Export.id.desc())).first()
    assert export is not None
    return export


def test_the_pack_is_an_export_that_can_be_named_in_the_record(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = signed_campaign(names_to_target=True), sign_in(Role.ADMIN)
    make_signature(campaign, name="Олена Ковальчук", email="canary@example.org")
    said = [
        make_signature(campaign, show_name=True, comment=f"Words {number}", comment_state=CommentState.PUBLISHED)
        for number in range(3)
    ]
    page = browser.get(f"/admin/campaigns/{campaign.slug}/handovers").text
    assert all(f"Words {number}" in page for number in range(3))
    export = ask(browser, campaign, chooses="1", comments=[said[0].id, said[2].id])
    assert export.filters["comments"] == [said[0].id, said[2].id]
    assert make_exports(storage) == 1
    file = browser.get(f"/admin/campaigns/{campaign.slug}/exports/{export.public_id}/file")
    assert "hand-over" in file.headers["Content-Disposition"]
    assert file.mimetype == "application/zip"
    assert hashlib.sha256(file.data).hexdigest() == reread(export).sha256
    with zipfile.ZipFile(io.BytesIO(file.data)) as pack:
        assert pack.namelist() == ["petition.pdf", "totals.csv", "manifest.json", "manifest.txt"]
        assert json.loads(pack.read("manifest.json"))["names_listed"] == reread(export).row_count == 4
    assert send(browser, campaign, pack=reread(export).sha256).status_code == 303
    assert recorded()[0].pack_sha256 == reread(export).sha256
    trail = list(db.session.scalars(select(AuditEntry.action).where(AuditEntry.object_type == "export")))
    assert trail == ["export.requested", "export.ready", "export.fetched"]
    requested = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.requested")).one()
    assert (requested.reason, requested.details["format"]) == ("Hand over on 12 March", "pack")


def test_a_pack_needs_a_reason(sign_in: SignIn, storage: Path) -> None:
    campaign, browser = make_campaign(), sign_in(Role.ADMIN)
    address = f"/admin/campaigns/{campaign.slug}/handovers/pack"
    answer = browser.post(address, {"reason": "x"}, token=browser.token("/admin/"))
    assert answer.status_code == 422
    assert "Write what the pack is for" in answer.text
    assert not db.session.scalars(select(Export)).all()
