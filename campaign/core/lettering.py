"""Text on pictures, in any script for which there is a font: ordered, shaped and drawn by HarfBuzz alone.

Pillow's own text needs a library of the system's for Arabic and Hebrew, which is not everywhere.
"""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import uharfbuzz as hb
from fontTools.ttLib import TTFont
from fpdf.bidi import BidiParagraph
from PIL import Image

from campaign.core.fonts import BASE, BOLD, font_file, font_of
from campaign.core.palette import Colour
from campaign.core.paper_lines import break_lines, runs_from_right

SERIF = "serif"
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Line:
    """Glyphs in their places, in pixels from where the line begins on its baseline, and how wide it is."""

    glyphs: list[tuple[str, int, float, float]]
    size: float
    width: float
    from_right: bool


class Lettering:
    """Fonts, kept open. `serif` is the file of the headings' font, which has Latin letters only.

    Signs that no font has, such as emoji, are left out.
    """

    def __init__(self, serif: Path) -> None:
        self._serif = serif
        self._font = lru_cache(maxsize=None)(self._open)

    def heading_font(self, text: str) -> str:
        """The serif where it has all the letters, else the bold."""
        return SERIF if all(self._has(SERIF, character) for character in text) else BOLD

    def lines(self, text: str, size: float, *, width: float, font: str = BASE) -> list[Line]:
        """The text in lines no wider than that."""
        found = break_lines(text, width, lambda part: self.line(part, size, font=font).width)
        return [self.line(part, size, font=font) for part in found]

    def line(self, text: str, size: float, *, font: str = BASE) -> Line:
        """One line of text, its parts in the order in which they stand from left to right."""
        glyphs: list[tuple[str, int, float, float]] = []
        pen = 0.0
        for part, level in _in_order(unicodedata.normalize("NFC", text)):
            pieces = list(self._by_font(part, font))
            for name, piece in reversed(pieces) if level % 2 else pieces:
                shaped = self._shape(name, piece, from_right=bool(level % 2))
                scale = size / self._font(name).face.upem
                for glyph, x, y, advance in shaped:
                    glyphs.append((name, glyph, pen + x * scale, y * scale))
                    pen += advance * scale
        return Line(glyphs, size, pen, runs_from_right(text))

    def draw(self, image: Image.Image, line: Line, x: float, y: float, colour: Colour) -> None:
        """Put a line onto the picture, its baseline at `y`."""
        raster = hb.RasterDraw()
        for name, glyph, right, up in line.glyphs:
            font = self._font(name)
            scale = line.size / font.face.upem
            raster.transform = (scale, 0, 0, scale, x + right, up - y)
            raster.draw_glyph(font, glyph)
        drawn = raster.render()
        if drawn is None or not drawn.buffer:
            return
        at = drawn.extents
        mask = Image.frombytes("L", (at.width, at.height), bytes(drawn.buffer), "raw", "L", at.stride, -1)
        image.paste(colour, (at.x_origin, -(at.y_origin + at.height)), mask)

    def _open(self, name: str) -> hb.Font:
        if name != SERIF:
            return hb.Font(hb.Face(hb.Blob.from_file_path(str(font_file(name)))))
        plain = io.BytesIO()
        with TTFont(self._serif) as packed:
            packed.flavor = None  # HarfBuzz reads no WOFF
            packed.save(plain)
        return hb.Font(hb.Face(hb.Blob(plain.getvalue())))

    def _has(self, name: str, character: str) -> bool:
        return self._font(name).get_nominal_glyph(ord(character)) is not None

    def _by_font(self, text: str, wanted: str) -> Iterator[tuple[str, str]]:
        """The text in pieces of one font each; marks, joiners, spaces and points stay with what they stand beside."""
        piece, font = "", ""
        for character in text:
            stays = not character.isalnum() and font and (character in _JOINERS or self._has(font, character))
            holder = font if stays else self._holder(character, wanted)
            if not holder:
                continue
            if piece and holder != font:
                yield font, piece
                piece = ""
            font, piece = holder, piece + character
        if piece:
            yield font, piece

    def _holder(self, character: str, wanted: str) -> str:
        """The font for the character, empty where none has it; the wanted one where that will do."""
        if self._has(wanted, character):
            return wanted
        name = font_of(character)
        return name if name and self._has(name, character) else ""

    def _shape(self, name: str, text: str, *, from_right: bool) -> list[tuple[int, int, int, int]]:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if from_right else "ltr"
        hb.shape(self._font(name), buffer)
        return [
            (info.codepoint, at.x_offset, at.y_offset, at.x_advance)
            for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]


def _in_order(text: str) -> list[tuple[str, int]]:
    """Parts of one level each, from left to right (Unicode TR 9, L2); the letters of each stay as they are read."""
    parts: list[tuple[str, int]] = []
    for character in BidiParagraph(text, preserve_bn_chars=True).get_characters_with_embedding_level():
        level = character.embedding_level
        if parts and parts[-1][1] == level:
            parts[-1] = (parts[-1][0] + character.character, level)
        else:
            parts.append((character.character, level))
    for level in range(max((level for _, level in parts), default=0), 0, -1):
        start = 0
        while start < len(parts):
            end = start
            while end < len(parts) and parts[end][1] >= level:
                end += 1
            parts[start:end] = reversed(parts[start:end])
            start = end + 1
    return parts
