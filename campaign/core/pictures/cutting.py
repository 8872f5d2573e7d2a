"""Cutting a picture for pages: 16 to 9 around what matters in it, in several widths and formats, within few bytes."""

import io
from pathlib import Path

from PIL import Image

from campaign.core.pictures import FORMATS, WIDTHS, PictureRefused, Why

# The most that a file should weigh: a phone loads the second width, for which the design has 45 KB.
_MOST_BYTES = {480: 22_000, 800: 45_000, 1200: 80_000, 1600: 120_000}
_SHARE = {"avif": 1.0, "webp": 1.4, "jpg": 2.0}
_QUALITIES = {"avif": (60, 48, 36, 24), "webp": (78, 64, 50, 30), "jpg": (80, 68, 54, 35)}


def write_cuts(image: Image.Image, folder: Path, *, focus: tuple[int, int]) -> int:
    """Write `480.avif` and so on into a new folder `cuts`; gives the greatest width. Raises PictureRefused.

    No picture is made larger than it is.
    """
    wide = _around(image, focus)
    widths = [width for width in WIDTHS if width <= wide.width]
    if not widths:
        raise PictureRefused(Why.TOO_SMALL)
    target = folder / "cuts"
    target.mkdir()
    for width in widths:
        small = wide.resize((width, width * 9 // 16), Image.Resampling.LANCZOS)
        for kind in FORMATS:
            (target / f"{width}.{kind}").write_bytes(_within(small, kind, int(_MOST_BYTES[width] * _SHARE[kind])))
    return widths[-1]


def _around(image: Image.Image, focus: tuple[int, int]) -> Image.Image:
    """The largest part of 16 to 9, with the point as near to its middle as the edges let it be."""
    width, height = image.size
    across, down = min(width, height * 16 // 9), min(height, -(-width * 9 // 16))
    left = min(max(0, width * focus[0] // 100 - across // 2), width - across)
    top = min(max(0, height * focus[1] // 100 - down // 2), height - down)
    return image.crop((left, top, left + across, top + down))


def _within(image: Image.Image, kind: str, most: int) -> bytes:
    """The picture in the best quality that keeps within the bytes, else in the least."""
    *better, least = _QUALITIES[kind]
    for quality in better:
        data = _encoded(image, kind, quality)
        if len(data) <= most:
            return data
        if len(data) > 2 * most:
            break  # far from it: no use in trying what lies between
    return _encoded(image, kind, least)


def _encoded(image: Image.Image, kind: str, quality: int) -> bytes:
    written = io.BytesIO()
    if kind == "avif":
        image.save(written, "AVIF", quality=quality, speed=7, max_threads=1)
    elif kind == "webp":
        image.save(written, "WEBP", quality=quality, method=4)
    else:
        image.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue()
