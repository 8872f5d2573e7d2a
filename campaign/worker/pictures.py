"""Pictures that nobody needs: rows of what was shown nowhere for long, and files for which there is no row."""

import shutil
from pathlib import Path

from campaign.campaigns import pictures
from campaign.campaigns.pictures import cuts_folder, original_path
from campaign.core import clock
from campaign.core.database import db, transaction

DRAWN_SECONDS = 7 * 86_400
STRAY_SECONDS = 25 * 3600
"""Pages that caches keep may lead to a picture's old cuts for a day; files of an upload under way are younger, too."""


def tidy_pictures(storage: Path) -> int:
    """Forget what is shown nowhere and delete stray files; gives how many of both."""
    strays = _sweep(cuts_folder(storage)) + _sweep(original_path(storage, "").parent)
    return _forget_unused(storage) + strays + _drop_drawn(storage)


def _forget_unused(storage: Path) -> int:
    now = clock.now()
    if not pictures.list_unused(db.session(), now=now):
        return 0
    with transaction() as session:
        gone = pictures.forget_unused(session, now=now)
    wanted = pictures.wanted_files(db.session(), {picture.digest for picture in gone})
    for picture in gone:
        pictures.delete_files(storage, picture, still_wanted=wanted)
    return len(gone)


def _sweep(folder: Path) -> int:
    """Delete what no picture stands for: folders of cuts, originals, and drafts of either."""
    old = clock.now().timestamp() - STRAY_SECONDS
    found = list(folder.iterdir()) if folder.is_dir() else []
    names = {path: path.stem for path in found if _is_ours(path) and path.stat().st_mtime < old}
    wanted = pictures.wanted_files(db.session(), set(names.values())) if names else set()
    strays = [path for path, name in names.items() if name not in wanted]
    for path in strays:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(strays)


def _drop_drawn(storage: Path) -> int:
    """Delete cards and sheets that nobody has asked for in a while; they are drawn anew when somebody does."""
    old = clock.now().timestamp() - DRAWN_SECONDS
    drawn = [path for name in ("cards", "sheets") for path in (storage / name).glob("*")]
    strays = [path for path in drawn if path.stat().st_mtime < old]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def _is_ours(path: Path) -> bool:
    """Photographs of hand-overs and the demo's drawing lie in the same folder, as files."""
    return path.is_dir() or path.parent.name == "originals" or path.name.startswith(".")
