"""A campaign's pictures: stored, described, chosen for its page and its updates, and removed.

The files come first and the row after them, so that a row never names one that is not there; what no row names is swept
by a worker.
"""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign, People, Picture, Update
from campaign.core.errors import ChangedMeanwhile, NotFound

MOST_PICTURES = 200
UNUSED_LIFE, UNUSED_AT_ONCE = timedelta(days=30), 50
TIMETABLE = "timetable"


@dataclass(frozen=True, kw_only=True)
class PictureFields:
    """What an editor says of a picture. The point is what must not be cut off, in percent from the left and the top."""

    alt: str
    credit: str = ""
    people: People
    agreement: str = ""
    focus_x: int = 50
    focus_y: int = 50

    @property
    def focus(self) -> tuple[int, int]:
        return self.focus_x, self.focus_y


@dataclass(frozen=True)
class Cuts:
    """The cuts that were made: the name of their folder and the greatest width."""

    digest: str
    width: int


def cuts_folder(storage: Path) -> Path:
    """Where readers' pictures are, in a folder for each."""
    return storage / "pictures"


def original_path(storage: Path, public_id: str) -> Path:
    """What was uploaded, written anew; the cuts are made from it again when the point changes."""
    return storage / "originals" / f"{public_id}.jpg"


def add_picture(
    session: Session, campaign_id: int, public_id: str, fields: PictureFields, cuts: Cuts, *, actor: str, now: datetime
) -> Picture:
    """Store the row of a picture whose files are there."""
    made = Picture(
        campaign_id=campaign_id, public_id=public_id, **asdict(fields), **asdict(cuts), created_at=now, updated_at=now
    )
    session.add(made)
    session.flush()
    _note(session, made, "added", actor=actor, now=now)
    return made


def edit_picture(
    session: Session,
    campaign_id: int,
    public_id: str,
    fields: PictureFields,
    cuts: Cuts,
    *,
    edition: int,
    actor: str,
    now: datetime,
) -> Picture:
    """Change what is said of a picture. Raises ChangedMeanwhile where `edition` is an old one, and NotFound."""
    found = get_picture(session, campaign_id, public_id, locked=True)
    if found.edition != edition:
        raise ChangedMeanwhile("Somebody else has changed this picture.")
    for name, value in (asdict(fields) | asdict(cuts)).items():
        setattr(found, name, value)
    found.updated_at = now
    session.flush()
    _note(session, found, "edited", actor=actor, now=now)
    return found


def show_on_page(session: Session, campaign_id: int, public_id: str | None, *, actor: str, now: datetime) -> None:
    """Choose the picture at the head of the campaign's page, or none. Raises NotFound."""
    # One after the other: two choices at once would both find none, and the database keeps one.
    session.scalars(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update()).one()
    chosen = get_picture(session, campaign_id, public_id) if public_id else None
    session.execute(
        update(Picture)
        .where(Picture.campaign_id == campaign_id, Picture.is_leading.is_(True))
        .values(is_leading=False, edition=Picture.edition + 1, updated_at=now)
    )
    if chosen is not None:
        session.refresh(chosen)
        chosen.is_leading, chosen.updated_at = True, now
        session.flush()
        _note(session, chosen, "chosen", actor=actor, now=now, where="page")


def show_in_updates(
    session: Session, campaign_id: int, public_id: str, updates: Collection[str], *, actor: str, now: datetime
) -> None:
    """Choose in which of the campaign's updates the picture stands. Raises NotFound."""
    found = get_picture(session, campaign_id, public_id, locked=True)
    mine = update(Update).where(Update.campaign_id == campaign_id)
    session.execute(mine.where(Update.picture_id == found.id).values(picture_id=None))
    if updates:
        session.execute(mine.where(Update.public_id.in_(updates)).values(picture_id=found.id))
    found.updated_at = now
    session.flush()
    _note(session, found, "chosen", actor=actor, now=now, where="updates", updates=sorted(updates))


def remove_picture(session: Session, campaign_id: int, public_id: str, *, actor: str, now: datetime) -> Picture:
    """Take a picture off every page and forget it; the caller deletes its files after the commit. Raises NotFound."""
    found = get_picture(session, campaign_id, public_id, locked=True)
    session.execute(update(Update).where(Update.picture_id == found.id).values(picture_id=None))
    _note(session, found, "removed", actor=actor, now=now)
    session.delete(found)
    session.flush()
    return found


def delete_files(storage: Path, picture: Picture, *, still_wanted: Collection[str]) -> None:
    """Delete the files of a picture that was removed; cuts that another picture has too stay."""
    original_path(storage, picture.public_id).unlink(missing_ok=True)
    if picture.digest not in still_wanted:
        shutil.rmtree(cuts_folder(storage) / picture.digest, ignore_errors=True)


def list_pictures(session: Session, campaign_id: int) -> Sequence[Picture]:
    """The campaign's pictures, the one on its page first, then the newest."""
    query = select(Picture).where(Picture.campaign_id == campaign_id)
    return session.scalars(query.order_by(Picture.is_leading.desc(), Picture.id.desc()).limit(MOST_PICTURES)).all()


def get_picture(session: Session, campaign_id: int, public_id: str, *, locked: bool = False) -> Picture:
    """One picture of the campaign. Raises NotFound."""
    query = select(Picture).where(Picture.campaign_id == campaign_id, Picture.public_id == public_id)
    found = session.scalar(query.with_for_update() if locked else query)
    if found is None:
        raise NotFound("There is no such picture.")
    return found


def find_leading(session: Session, campaign_id: int) -> Picture | None:
    """The picture at the head of the campaign's page."""
    return session.scalar(select(Picture).where(Picture.campaign_id == campaign_id, Picture.is_leading.is_(True)))


def list_uses(session: Session, campaign_id: int) -> dict[int, list[Update]]:
    """The updates in which pictures stand, by the picture's id."""
    query = select(Update).where(Update.campaign_id == campaign_id, Update.picture_id.is_not(None))
    found: dict[int, list[Update]] = {}
    for told in session.scalars(query.order_by(Update.id.desc())):
        found.setdefault(told.picture_id or 0, []).append(told)
    return found


def list_unused(session: Session, *, now: datetime, locked: bool = False) -> Sequence[Picture]:
    """Some of the pictures that have stood nowhere for so long that they are forgotten."""
    in_update = exists().where(Update.picture_id == Picture.id)
    query = select(Picture).where(Picture.is_leading.is_(False), Picture.updated_at <= now - UNUSED_LIFE, ~in_update)
    query = query.order_by(Picture.id).limit(UNUSED_AT_ONCE)
    return session.scalars(query.with_for_update() if locked else query).all()


def forget_unused(session: Session, *, now: datetime) -> Sequence[Picture]:
    """Forget some of the pictures that are unused; the caller deletes their files after the commit.

    Whoever chooses one meanwhile changes its `updated_at`, so that it is passed over once their lock is gone.
    """
    unused = list_unused(session, now=now, locked=True)
    for picture in unused:
        _note(session, picture, "removed", actor=TIMETABLE, now=now)
        session.delete(picture)
    session.flush()
    return unused


def wanted_files(session: Session, names: Collection[str]) -> set[str]:
    """Those of the names (folders of cuts, or public ids of originals) that a picture stands for."""
    query = select(Picture.digest, Picture.public_id).where(Picture.digest.in_(names) | Picture.public_id.in_(names))
    return {name for row in session.execute(query) for name in row}


def _note(session: Session, picture: Picture, verb: str, *, actor: str, now: datetime, **more: Any) -> None:
    record(
        session, actor=actor, action=f"picture.{verb}", object_type="picture", object_id=picture.public_id, now=now,
        campaign_id=picture.campaign_id, digest=picture.digest, people=picture.people.value, **more,
    )  # fmt: skip
