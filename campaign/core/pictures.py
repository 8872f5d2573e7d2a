"""Pictures that people upload: decoded, bounded, and written anew without what cameras add (place, time, device)."""

import io
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps

from campaign.core.identifiers import new_public_id

LARGEST_FILE = 12 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600
_FORMATS = ("JPEG", "PNG", "WEBP")


class PictureRefused(ValueError):
    """What was sent is no picture that can be kept."""


def reencode(file: BinaryIO) -> bytes:
    """The picture as a JPEG of at most LONGEST_SIDE, without metadata, the right way up. Raises PictureRefused."""
    try:
        with Image.open(file, formats=_FORMATS) as opened:
            # The size stands in the header: a bomb is refused before it is unpacked.
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureRefused("too many pixels")
            opened.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
            turned = ImageOps.exif_transpose(opened)
            turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            plain = Image.new("RGB", turned.size, "white")
            plain.paste(turned, mask=turned.convert("RGBA").getchannel("A") if turned.mode != "RGB" else None)
    except PictureRefused:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("no picture") from error
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=82, optimize=True, progressive=True)
    return written.getvalue()


def store_picture(folder: Path, data: bytes) -> str:
    """Write a picture under a name that nobody can guess; gives the name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{new_public_id()}.jpg"
    draft = folder / f".{name}.part"
    draft.write_bytes(data)
    draft.rename(folder / name)
    return name
