"""Documents on paper: A4, the design's colours and headings, and text in any script for which there is a font.

Most names are plain letters, and each may be drawn as it is. Arabic, the Indic scripts and whatever joins, reorders or
combines goes through HarfBuzz and the rules of direction, which takes twenty times as long.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue
from fpdf.fonts import TTFFont

from campaign.core.fonts import BASE, BOLD, HAN, font_file, font_of
from campaign.core.formatting import Formats
from campaign.core.palette import INK, INK2, LINE, Colour
from campaign.core.paper_lines import Lines, break_lines, runs_from_right

logging.getLogger("fontTools").setLevel(logging.WARNING)  # else it tells of every table of every font
logging.getLogger("fpdf").setLevel(logging.ERROR)

MARGIN = 20.0
SERIF = "serif"
MISSING = "\ufffd"
_POINT = 25.4 / 72
_MOST_MEASURED = 20_000
# Letters that stand beside each other as they are: Latin, Greek and Cyrillic without marks of their own.
_PLAIN = re.compile("[\x20-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JOINERS = "\u200c\u200d"
_MISSING_RUN = re.compile(f"(?:{MISSING}[{_JOINERS}]*)+")

Run = tuple[str, bool]
"""Text, and whether it is bold."""


@dataclass(frozen=True)
class Style:
    """What a document needs of the house: its language and words, how it writes numbers and times, font and pictures.

    `pictures` is the folder of uploaded ones, `illustration` what stands where a campaign has none of its own.
    """

    language: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]
    formats: Formats
    serif: Path
    pictures: Path
    illustration: Path
    organisation: dict[str, str | None]


class Paper(FPDF):
    """A document under way, to be used in a `with`. Sizes of type are in points, everything else in millimetres.

    `incomplete` counts the lines that have a character for which there is no font; � stands for it.
    """

    def __init__(self, title: str, style: Style, *, now: datetime, landscape: bool = False) -> None:
        super().__init__(format="A4", orientation="landscape" if landscape else "portrait")
        self.style = style
        self.set_margin(MARGIN)
        self.set_auto_page_break(False)
        self.c_margin = 0
        self.set_title(title)
        self.set_lang(style.language)
        self.set_author(style.organisation["name"] or "")
        self.set_creation_date(now)
        self.foot = ""
        self.incomplete = 0
        self._known: dict[str, str] = {}
        self._wide: dict[tuple[tuple[str, ...], str], float] = {}
        self._load(BASE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for font in self.fonts.values():  # fpdf2 leaves their files open
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        """What stands below every page that has a `foot`, with its number."""
        if not self.foot:
            return
        y, half = self.h - 11, (self.w - 2 * MARGIN) / 2
        self.put(MARGIN, y, self.foot, 8, width=half * 1.6, colour=INK2)
        page = self.style.gettext("%(page)s of %(pages)s") % {"page": self.page_no(), "pages": "{nb}"}
        self._choose([BASE], 8)
        self._shape(False)
        self.set_xy(MARGIN + half * 1.6, y - 0.8 * 8 * _POINT)
        self.cell(half * 0.4, 8 * _POINT, page, align="R")  # of fpdf2's ways, one that knows {nb}

    def put(
        self, x: float, y: float, text: str, size: float, *, width: float, bold: bool = False, colour: Colour = INK,
        align: Literal["L", "R", "C"] = "L",
    ) -> None:  # fmt: skip
        """One line with its baseline at `y`, cut to the width."""
        drawn, fonts, shaped = self._ready(text)
        self._choose(fonts, size, bold)
        self._shape(shaped)
        # No plain letter is wider than its size, so most lines need no measuring.
        if shaped or align != "L" or len(drawn) * size * _POINT > width:
            drawn = self._cut(drawn, width)
        self._draw(x, y, drawn, size, width=width, colour=colour, align=align)

    def fit(self, text: str, size: float, *, width: float, smallest: float | None = None) -> Lines:
        """The whole text for a place so wide: smaller type where it is too long, not below `smallest`, then lines."""
        drawn, fonts, shaped = self._ready(text)
        if not shaped and len(drawn) * size * _POINT <= width:
            return Lines([drawn], size, fonts, shaped)
        self._choose(fonts, size)
        self._shape(shaped)
        lines = break_lines(drawn, width, measure := partial(self._measured, tuple(fonts), size))
        if len(lines) > 1 and smallest is not None:
            size *= max(smallest / size, 0.999 * width / sum(map(measure, re.split("( )", " ".join(drawn.split())))))
            lines = break_lines(drawn, width, partial(self._measured, tuple(fonts), size))
        return Lines(lines, size, fonts, shaped)

    def put_fitted(self, x: float, y: float, fitted: Lines, number: int, *, colour: Colour = INK) -> None:
        """One of the lines that `fit` made, with its baseline at `y`."""
        self._choose(fitted.fonts, fitted.size)
        self._shape(fitted.shaped)
        self._draw(x, y, fitted.lines[number], fitted.size, width=0, colour=colour, align="L")

    def _measured(self, fonts: tuple[str, ...], size: float, word: str) -> float:
        """How wide the word is in the fonts just chosen. Words come again, and shaping them is slow."""
        key = (fonts, word)
        if key not in self._wide:
            if len(self._wide) > _MOST_MEASURED:
                self._wide.clear()
            self._wide[key] = self.get_string_width(word) / self.font_size_pt
        return self._wide[key] * size

    def _draw(self, x: float, y: float, drawn: str, size: float, *, width: float, colour: Colour, align: str) -> None:
        """A line in the fonts just chosen."""
        self.set_text_color(colour)
        if self.text_shaping:
            self.set_xy(x, y - 0.8 * size * _POINT)
            self.cell(width, size * _POINT, drawn, align=align)
            return
        space = width - self.get_string_width(drawn) if align != "L" else 0.0
        self.text(x + space / (2 if align == "C" else 1), y, drawn)

    def _ready(self, text: str) -> tuple[str, list[str], bool]:
        """The text as it can be drawn, its fonts, and whether it must be shaped."""
        if _PLAIN.fullmatch(text) and all(map(self._holder, text)):
            return text, [BASE], False
        drawn, fonts = self._prepared(text)
        self.incomplete += MISSING in drawn
        if fonts == [HAN, BASE] and all(self._holder(character) == HAN or character == " " for character in drawn):
            return drawn, [HAN], False
        return drawn, fonts, True

    def put_both(
        self, x: float, y: float, first: str, second: str, size: float, *, width: float, colour: Colour = INK
    ) -> None:
        """A text of any direction and, after it, one that runs from the left."""
        self.put(x, y, first, size, width=width * 0.6, colour=colour)
        taken = min(self.get_string_width(first), width * 0.6)  # in the font that was just used
        self.put(x + taken, y, second, size, width=width - taken, colour=colour)

    def flow(
        self, x: float, y: float, text: str | Iterable[Run], size: float, *, width: float, colour: Colour = INK,
        leading: float = 1.45,
    ) -> float:  # fmt: skip
        """A paragraph with its top at `y`; gives the y below it. One that runs from the right begins there.

        Bold and plain words mix only where the letters are simple: fpdf2 reorders no line that has several runs.
        """
        runs = [(text, False)] if isinstance(text, str) else list(text)
        self.set_text_color(colour)
        whole = "".join(words for words, _ in runs)
        if len(runs) > 1 and _PLAIN.fullmatch(whole):
            self._flow_runs(x, y, runs, size, width=width, leading=leading)
            return self.get_y()
        self._paragraph(x, y, whole, size, width=width, leading=leading, bold=all(bold for _, bold in runs))
        return self.get_y()

    def measure(self, text: str | Iterable[Run], size: float, *, width: float, leading: float = 1.45) -> float:
        """How high `flow` would be at most."""
        runs = [(text, False)] if isinstance(text, str) else list(text)
        whole = "".join(words for words, _ in runs)
        bold = any(bold for _, bold in runs)
        return self._paragraph(MARGIN, MARGIN, whole, size, width=width, leading=leading, bold=bold, dry_run=True)

    def _paragraph(
        self, x: float, y: float, text: str, size: float, *, width: float, leading: float, bold: bool,
        dry_run: bool = False,
    ) -> float:  # fmt: skip
        drawn, fonts = self._prepared(text)
        self._choose(fonts, size, bold)
        self._shape(_PLAIN.fullmatch(drawn) is None)
        self.set_xy(x, y)
        align = Align.R if runs_from_right(drawn) else Align.L
        height = size * _POINT * leading
        taken: float = self.multi_cell(  # type: ignore[assignment] # as `output` says
            width, height, drawn, align=align, new_x="LMARGIN", new_y="NEXT", output=MethodReturnValue.HEIGHT,
            dry_run=dry_run,
        )  # fmt: skip
        return taken

    def _flow_runs(self, x: float, y: float, runs: list[Run], size: float, *, width: float, leading: float) -> None:
        self.set_y(y)
        self._shape(False)
        with self.text_columns(l_margin=x, r_margin=self.w - x - width, line_height=leading) as column:
            for words, bold in runs:
                self._choose([BASE], size, bold)
                column.write(words)

    def heading(
        self, x: float, y: float, text: str, size: float, *, width: float, colour: Colour = INK, leading: float = 1.15
    ) -> float:
        """A heading that wraps, in the design's serif where that has the letters; gives the y below it."""
        self._load(SERIF)
        if not all(ord(character) in self._cmap(SERIF) for character in text):
            return self.flow(x, y, [(text, True)], size * 0.92, width=width, colour=colour, leading=leading * 1.1)
        self.set_font(SERIF, size=size)
        self.set_fallback_fonts([])
        self._shape(False)
        self.set_text_color(colour)
        self.set_xy(x, y)
        self.multi_cell(width, size * _POINT * leading, text, align=Align.L, new_x="LMARGIN", new_y="NEXT")
        return self.get_y()

    def panel(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle."""
        self.set_fill_color(colour)
        self.rect(x, y, width, height, style="F")

    def rule(self, x: float, y: float, width: float) -> None:
        """A hairline."""
        self.set_draw_color(LINE)
        self.set_line_width(0.2)
        self.line(x, y, x + width, y)

    def _load(self, font: str) -> None:
        if font.lower() not in self.fonts:
            self.add_font(font, fname=self.style.serif if font == SERIF else font_file(font))

    def _cmap(self, font: str) -> Container[int]:
        loaded = self.fonts[font.lower()]
        return loaded.cmap if isinstance(loaded, TTFFont) else ()

    def _holder(self, character: str) -> str:
        """The font that has the character, loaded; empty where none has."""
        if character not in self._known:
            font = font_of(character)
            if font:
                self._load(font)
            self._known[character] = font if font and ord(character) in self._cmap(font) else ""
        return self._known[character]

    def _prepared(self, text: str) -> tuple[str, list[str]]:
        """The text as it can be drawn, and its fonts, that of the first letter first.

        Whole words, with the spaces between them, stay in one font as far as that has them, so that direction holds.
        """
        text = _SELECTORS.sub("", unicodedata.normalize("NFC", text))
        fonts: dict[str, None] = {}
        found = []
        for character in text:
            font = self._holder(character)
            if not font and character not in _JOINERS + "\n":
                character, font = MISSING, BASE  # noqa: PLW2901
            if character.isalnum() or font not in ("", BASE):
                fonts[font] = None
            found.append(character)
        drawn = _MISSING_RUN.sub(MISSING, "".join(found))
        return drawn, list(dict.fromkeys([*fonts, BASE]))

    def _cut(self, text: str, width: float) -> str:
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(text + "…") > width:
            text = text[:-1]
        return text.rstrip() + "…"

    def _choose(self, fonts: list[str], size: float, bold: bool = False) -> None:
        if bold:
            fonts = [BOLD if font == BASE else font for font in fonts]
        for font in fonts:
            self._load(font)
        self.set_font(fonts[0], size=size)
        self.set_fallback_fonts(fonts[1:])

    def _shape(self, on: bool) -> None:
        if bool(self.text_shaping) != on:
            self.set_text_shaping(on)
