"""Pictures from strangers: what may come in, what comes out, and how much memory it takes."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from campaign.core.pictures import FORMATS, WIDTHS, PictureRefused, Why, cut, reencode
from campaign.settings import ROOT

CANARY = b"Canary"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
MEASURE = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "campaign.core.pictures", *sys.argv[1:]], stdin=0, capture_output=True)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, len(done.stdout))
"""


def encoded(image: Image.Image, kind: str = "JPEG", **more: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **more)
    file.seek(0)
    return file


def sent(folder: Path, data: bytes) -> Path:
    path = folder / "sent"
    path.write_bytes(data)
    return path


def clean(folder: Path, data: bytes, longest: int = 1600) -> Image.Image:
    with sent(folder, data).open("rb") as file:
        made = reencode(file, longest)
    return Image.open(io.BytesIO(made))


def told() -> Image.Exif:
    """What a camera notes: whose it is, where it was, and that it lay on its side."""
    exif = Image.Exif()
    exif[0x010F] = "Canary Cameras"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (50.0, 27.0, 0.0), 3: "E", 4: (30.0, 31.0, 0.0)})
    return exif


def bomb(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel: 50 MB unpacked by the letter, 400 MB and more in a decoder."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * height), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def claiming(width: int, height: int) -> bytes:
    """A small JPEG whose header says that it is large."""
    data = bytearray(encoded(Image.new("RGB", (64, 64), "navy")).getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def test_nothing_that_a_camera_or_a_stranger_added_survives(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    note = PngImagePlugin.PngInfo()
    note.add_text("Author", "Canary of Kyiv")
    picture = Image.new("RGB", (900, 600), "navy")
    for file in (
        encoded(picture, exif=told(), comment=CANARY, icc_profile=profile, xmp=b"<x:xmpmeta>Canary</x:xmpmeta>"),
        encoded(picture, "PNG", exif=told(), pnginfo=note),
        encoded(picture, "WEBP", exif=told(), xmp=b"<x:xmpmeta>Canary</x:xmpmeta>"),
    ):
        assert CANARY in file.getvalue()
        with sent(tmp_path, file.getvalue()).open("rb") as opened:
            data = reencode(opened)
        assert CANARY not in data
        made = Image.open(io.BytesIO(data))
        assert (made.format, made.size, dict(made.getexif())) == ("JPEG", (600, 900), {})  # and set upright
        assert not set(made.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_a_file_that_is_two_things_at_once_comes_out_as_a_picture_alone(tmp_path: Path) -> None:
    more = b"<script>alert('Canary')</script>PK\x03\x04Canary"
    data = encoded(Image.new("RGB", (900, 600), "navy"), comment=b"*/=alert('Canary')/*").getvalue() + more
    with sent(tmp_path, data).open("rb") as file:
        made = reencode(file)
    assert made.startswith(b"\xff\xd8\xff")
    assert made.endswith(b"\xff\xd9")
    assert CANARY not in made
    assert b"script" not in made


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (SVG, Why.NO_PICTURE),
        (b"", Why.NO_PICTURE),
        (b"GIF89a" + bytes(50), Why.NO_PICTURE),
        (b"%PDF-1.7 " + bytes(50), Why.NO_PICTURE),
        (encoded(Image.new("RGB", (900, 600))).getvalue()[:900], Why.NO_PICTURE),
        (encoded(Image.new("RGB", (900, 600)), "TIFF").getvalue(), Why.NO_PICTURE),
        (encoded(Image.new("L", (30_000, 20)), "PNG").getvalue(), Why.NO_PICTURE),
        (claiming(20_000, 20_000), Why.TOO_LARGE),
        (claiming(65_000, 65_000), Why.TOO_LARGE),
        (b"large", Why.TOO_LARGE),
    ],
    ids=lambda value: value.value if isinstance(value, Why) else repr(value[:8]),
)
def test_what_cannot_be_a_picture_is_refused(tmp_path: Path, data: bytes, why: Why) -> None:
    data = bytes(12 * 1024 * 1024 + 1) if data == b"large" else data
    with sent(tmp_path, data).open("rb") as file, pytest.raises(PictureRefused) as refused:
        reencode(file)
    assert refused.value.why is why


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_colour_becomes_plain(tmp_path: Path, mode: str) -> None:
    file = encoded(Image.new(mode, (900, 600)), "JPEG" if mode == "CMYK" else "PNG")
    made = clean(tmp_path, file.getvalue())
    assert (made.mode, made.size) == ("RGB", (900, 600))
    see_through = mode in ("LA", "RGBA")
    assert made.getpixel((5, 5)) == ((255, 255, 255) if see_through or mode == "CMYK" else (0, 0, 0))


def measured(path: Path, *what: str) -> tuple[int, int]:
    """What the process ended with and its greatest memory in MB, seen from a small parent.

    A child of this process would be charged with the memory that its parent had when it was born.
    """
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, *what], stdin=file, capture_output=True, check=True, cwd=ROOT
        )
    code, megabytes, _size = map(int, done.stdout.split())
    return code, megabytes


def test_memory_stays_below_300_mb_whatever_comes(tmp_path: Path) -> None:
    large = bomb(20_000, 20_000)
    assert len(large) < 300_000
    bombs = {"a bomb": (large, 3), "a header that lies": (claiming(7000, 7000), 3)}
    fitting = {
        "JPEG": encoded(Image.new("RGB", (8660, 5770))),
        "progressive": encoded(Image.new("RGB", (6120, 4080)), progressive=True, subsampling=0),
        "PNG": encoded(Image.new("RGBA", (5000, 4000)), "PNG", compress_level=1),
        "WebP": encoded(Image.new("RGBA", (4000, 3000)), "WEBP", quality=1, method=0),
    }
    for name, (data, code) in (bombs | {name: (file.getvalue(), 0) for name, file in fitting.items()}).items():
        ended, megabytes = measured(sent(tmp_path, data), "clean", "2400")
        assert ended == code or name == "a header that lies", name
        assert megabytes < (60 if name == "a bomb" else 300), (name, megabytes)


def test_cuts_keep_what_matters_and_their_bytes(tmp_path: Path) -> None:
    """A tall picture with a red mark near its foot: the cut goes where the point is."""
    tall = Image.effect_mandelbrot((1800, 2400), (-2, -1.2, 1, 1.2), 60).convert("RGB")
    ImageDraw.Draw(tall).rectangle((800, 2200, 1000, 2400), fill="red")
    made = encoded(tall, quality=90).getvalue()
    digest, width = cut(made, tmp_path, focus=(50, 95))
    assert width == 1600
    files = {path.name: path for path in (tmp_path / digest).iterdir()}
    assert set(files) == {f"{width}.{kind}" for width in WIDTHS for kind in FORMATS}
    for name, path in files.items():
        with Image.open(path) as image:
            wide = int(name.partition(".")[0])
            assert image.size == (wide, wide * 9 // 16), name
            red, green, _ = image.convert("RGB").getpixel((wide // 2, wide * 9 // 16 - wide // 40))
            assert (red > 180, green < 90) == (True, True), name
    with Image.open(files["480.jpg"]) as image:
        assert dict(image.getexif()) == {}
    again, _width = cut(made, tmp_path, focus=(50, 95))
    other, _width = cut(made, tmp_path, focus=(50, 10))
    assert (again, other == digest) == (digest, False)
    assert {path.name for path in tmp_path.iterdir()} == {digest, other}


def test_a_photograph_keeps_to_the_designs_bytes(tmp_path: Path) -> None:
    photo = Image.effect_mandelbrot((1600, 900), (-2, -1.2, 1, 1.2), 60).convert("RGB")
    digest, _width = cut(encoded(photo, quality=92).getvalue(), tmp_path, focus=(50, 50))
    assert (tmp_path / digest / "800.avif").stat().st_size <= 45_000


def test_what_is_small_is_not_made_larger(tmp_path: Path) -> None:
    digest, width = cut(encoded(Image.new("RGB", (900, 900))).getvalue(), tmp_path, focus=(50, 50))
    assert width == 800
    assert {path.name for path in (tmp_path / digest).iterdir()} == {
        f"{wide}.{kind}" for wide in (480, 800) for kind in FORMATS
    }
    with pytest.raises(PictureRefused) as refused:
        cut(encoded(Image.new("RGB", (470, 900))).getvalue(), tmp_path, focus=(50, 50))
    assert refused.value.why is Why.TOO_SMALL
    assert {path.name for path in tmp_path.iterdir()} == {digest}
