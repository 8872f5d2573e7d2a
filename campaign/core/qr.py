"""QR codes of our own addresses, for paper and posters."""

import io
from functools import lru_cache
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathFillImage

DOTS = 24
"""How many pixels a module of the PNG is wide, so that a code of 33 modules is 800 wide with its margin."""


def _code(address: str) -> Any:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=DOTS, border=4)
    code.add_data(address)
    code.make(fit=True)
    return code


@lru_cache(maxsize=64)
def qr_svg(address: str) -> bytes:
    """The code as SVG."""
    written = io.BytesIO()
    _code(address).make_image(image_factory=SvgPathFillImage).save(written)
    return written.getvalue()


@lru_cache(maxsize=64)
def qr_png(address: str) -> bytes:
    """The code as PNG."""
    written = io.BytesIO()
    _code(address).make_image(image_factory=PilImage).save(written)
    return written.getvalue()


def qr_runs(address: str) -> tuple[int, list[tuple[int, int, int]]]:
    """How many modules a side has, and the dark ones as runs (column, row, length), without the margin."""
    matrix = _code(address).get_matrix()
    inner = [row[4:-4] for row in matrix[4:-4]]
    runs: list[tuple[int, int, int]] = []
    for y, row in enumerate(inner):
        start = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                runs.append((start, y, x - start))
                start = None
    return len(inner), runs
