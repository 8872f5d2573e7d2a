"""Decoding: what a file says of its size is read first, and only what fits is unpacked."""

import io
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps

from campaign.core.pictures import LARGEST_FILE, PictureRefused, Why

# So many pixels, unpacked, stay below 300 MB with all that a decoder needs beside them. A JPEG is made smaller on the
# way, but for a progressive one, of which all must be there before any can be seen.
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 20_000_000, "WEBP": 12_000_000}
MOST_PROGRESSIVE = 25_000_000
LONGEST_ASPECT = 20
_SRGB = ImageCms.createProfile("sRGB")
_TROUBLE = (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, OverflowError)


def decode(file: BinaryIO, longest_side: int) -> Image.Image:
    """The picture in RGB and sRGB, the right way up, at most so long, with nothing beside its pixels.

    Raises PictureRefused.
    """
    sent = file.read(LARGEST_FILE + 1)
    if len(sent) > LARGEST_FILE:
        raise PictureRefused(Why.TOO_LARGE)
    try:
        with Image.open(io.BytesIO(sent), formats=list(MOST_PIXELS)) as opened:
            _refuse_large(opened)
            return _plain(_reduced(opened, longest_side))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise PictureRefused(Why.TOO_LARGE) from error
    except PictureRefused:
        raise
    except _TROUBLE as error:
        raise PictureRefused(Why.NO_PICTURE) from error


def _refuse_large(opened: Image.Image) -> None:
    """The size stands in the header: a bomb is refused before it is unpacked."""
    most = MOST_PIXELS.get(opened.format or "", MOST_PIXELS["JPEG"])  # a JPEG of several pictures calls itself MPO
    if "progressive" in opened.info:
        most = min(most, MOST_PROGRESSIVE)
    if opened.width * opened.height > most:
        raise PictureRefused(Why.TOO_LARGE)
    if max(opened.size) > LONGEST_ASPECT * min(opened.size):
        raise PictureRefused(Why.NO_PICTURE)


def _reduced(opened: Image.Image, longest_side: int) -> Image.Image:
    """Unpacked and made smaller, in a mode whose colours can be mixed. What says which way is up stays with it."""
    ratio = min(1.0, longest_side / max(opened.size))
    opened.draft("RGB", (max(1, int(opened.width * ratio)), max(1, int(opened.height * ratio))))
    about = opened.getexif()
    mixable: Image.Image = opened
    if opened.mode not in ("RGB", "RGBA", "L", "CMYK"):
        mixable = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    mixable.thumbnail((longest_side, longest_side))
    mixable.info["icc_profile"] = opened.info.get("icc_profile")
    turned = ImageOps.exif_transpose(_with(mixable, about))
    turned.info["icc_profile"] = mixable.info["icc_profile"]
    return turned


def _with(image: Image.Image, about: Image.Exif) -> Image.Image:
    image.getexif().update(about)
    return image


def _plain(image: Image.Image) -> Image.Image:
    """In sRGB on white, as a new picture that has nothing but pixels."""
    plain = Image.new("RGB", image.size, "white")
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    plain.paste(_in_srgb(image), mask=alpha)
    return plain


def _in_srgb(image: Image.Image) -> Image.Image:
    """The same colours without the profile, which is left out: phones' own would look dull."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            known = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            seen = ImageCms.profileToProfile(image, known, _SRGB, outputMode="RGB")
            if seen is not None:
                return seen
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that says nothing of use
    return image.convert("RGB")
