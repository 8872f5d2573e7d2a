"""Pictures that nobody needs go by themselves; what stands somewhere stays."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Picture, Update, UpdateKind
from campaign.campaigns.pictures import original_path
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.settings import Settings
from campaign.worker.pictures import tidy_pictures
from tests.factories import make_campaign, make_picture


@pytest.fixture
def storage(settings: Settings) -> Iterator[Path]:
    """Without the pictures of other tests, and for them without those of this one."""
    remove_pictures(settings.storage)
    yield settings.storage
    remove_pictures(settings.storage)


def remove_pictures(storage: Path) -> None:
    for name in ("originals", "pictures"):
        shutil.rmtree(storage / name, ignore_errors=True)


def lay_out(storage: Path, picture: Picture) -> None:
    cuts, whole = storage / "pictures" / picture.digest, original_path(storage, picture.public_id)
    for path in (cuts / "480.avif", whole):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a picture")
    for path in (cuts, whole):
        age(path, hours=48)


def age(path: Path, *, hours: int) -> None:
    at = clock.now().timestamp() - hours * 3600
    os.utime(path, (at, at))


def there(storage: Path) -> set[str]:
    return {path.stem for name in ("originals", "pictures") for path in (storage / name).iterdir()}


def test_what_is_shown_nowhere_goes_after_30_days(app: Flask, storage: Path) -> None:
    campaign, now = make_campaign(), clock.now()
    old, young = now - timedelta(days=31), now - timedelta(days=29)
    on_page = make_picture(campaign, digest="a1", is_leading=True, updated_at=old)
    in_update = make_picture(campaign, digest="b2", updated_at=old)
    new = make_picture(campaign, digest="c3", updated_at=young)
    gone = make_picture(campaign, digest="d4", updated_at=old)
    twin = make_picture(campaign, digest="c3", updated_at=old)
    with transaction() as session:
        session.add(
            Update(
                campaign_id=campaign.id, kind=UpdateKind.NEWS, title="News", picture_id=in_update.id, created_at=now,
                updated_at=now,
            )
        )  # fmt: skip
    for picture in (on_page, in_update, new, gone, twin):
        lay_out(storage, picture)
    assert tidy_pictures(storage) == 2
    kept = {on_page.public_id, in_update.public_id, new.public_id}
    db.session.rollback()
    assert set(db.session.scalars(select(Picture.public_id))) == kept
    assert there(storage) == kept | {"a1", "b2", "c3"}
    trail = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "picture.removed")).all()
    assert {(entry.actor, entry.object_id) for entry in trail} == {
        ("timetable", gone.public_id), ("timetable", twin.public_id)
    }  # fmt: skip
    assert tidy_pictures(storage) == 0


def test_stray_files_go_after_a_day_and_other_files_stay(app: Flask, storage: Path) -> None:
    picture = make_picture(make_campaign(), digest="a1")
    with transaction() as session:
        session.execute(update(Picture).values(updated_at=clock.now()))
    lay_out(storage, picture)
    folder = storage / "pictures"
    for name in ("stray", ".draft", "fresh"):
        (folder / name).mkdir()
    for path in (
        folder / "door.jpg",
        folder / "welcome.svg",
        folder / ".door.part",
        storage / "originals" / "lost.jpg",
    ):
        path.write_bytes(b"x")
    for path in (*folder.iterdir(), *(storage / "originals").iterdir()):
        age(path, hours=2 if path.name == "fresh" else 26)
    assert tidy_pictures(storage) == 4
    assert there(storage) == {"a1", picture.public_id, "fresh", "door", "welcome"}
