"""Pictures that people upload: decoded, bounded, and written anew without what cameras add (place, time, device).

All decoding happens in a process of its own (`python -m campaign.core.pictures`) with little memory and little time,
one at a time: what a stranger's file does to a decoder ends there, and the memory it took is given back.
"""

import hashlib
import subprocess
import sys
import tempfile
import threading
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from campaign.core.files import write_file
from campaign.core.identifiers import new_public_id

LARGEST_FILE = 12 * 1024 * 1024
MOST_SECONDS = 60
REFUSED = 3
"""What the process ends with where it refuses; why stands on its standard output."""
WIDTHS = (480, 800, 1200, 1600)
FORMATS = ("avif", "webp", "jpg")
RECIPE = "1"
"""Raised when the cutting changes, so that addresses change with what they lead to."""
_ROOT = Path(__file__).resolve().parents[3]
_one_at_a_time = threading.Lock()


class Why(StrEnum):
    """What is wrong with a picture; the door has a sentence for each."""

    NO_PICTURE = "no_picture"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"


class PictureRefused(ValueError):
    """What was sent is no picture that can be kept."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


def reencode(file: BinaryIO, longest_side: int = 1600) -> bytes:
    """The picture in an open file as a JPEG of at most so many pixels a side, without metadata, the right way up.

    Raises PictureRefused.
    """
    file.seek(0)
    return _run("clean", str(longest_side), stdin=file)


def cut(picture: bytes, folder: Path, *, focus: tuple[int, int]) -> tuple[str, int]:
    """Cut a re-encoded picture for pages: 16 to 9 around the point (percent from the left and the top), in all widths.

    Gives the name of the new folder below `folder`, which is made from its content, and the greatest width. Raises
    PictureRefused for what is too small.
    """
    told = f"{RECIPE} {focus[0]} {focus[1]} ".encode()
    digest = hashlib.sha256(told + picture).hexdigest()[:24]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as file, tempfile.TemporaryDirectory(dir=folder, prefix=".") as draft:
        file.write(picture)
        file.seek(0)
        width = int(_run("cut", draft, str(focus[0]), str(focus[1]), stdin=file))
        cuts = Path(draft) / "cuts"
        if not (folder / digest).exists():
            cuts.rename(folder / digest)
    return digest, width


def store_picture(folder: Path, data: bytes) -> str:
    """Write a picture under a name that nobody can guess; gives the name."""
    name = f"{new_public_id()}.jpg"
    write_file(folder / name, data)
    return name


def _run(*what: str, stdin: BinaryIO) -> bytes:
    command = [sys.executable, "-m", "campaign.core.pictures", *what]
    try:
        with _one_at_a_time:
            done = subprocess.run(  # noqa: S603 - our own program; what was uploaded is no part of the command
                command, stdin=stdin, capture_output=True, timeout=MOST_SECONDS, cwd=_ROOT, check=False
            )
    except subprocess.TimeoutExpired:
        raise PictureRefused(Why.TOO_LARGE) from None
    if done.returncode == 0:
        return done.stdout
    told = done.stdout.decode("ascii", "replace").strip()
    raise PictureRefused(Why(told) if done.returncode == REFUSED and told in set(Why) else Why.NO_PICTURE)
