"""The card that social networks show beside a link: what is asked, how many have signed, and the picture of windows."""

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

from campaign.core.lettering import Lettering, Line
from campaign.core.palette import LAMP, NIGHT, ON_NIGHT, UNLIT, WHITE, Colour
from campaign.core.paper import Style
from campaign.reports.summary import WINDOWS, Count

SIZE = (1200, 630)
_EDGE, _COLUMNS, _STEP, _PANE = 64, 25, 18, 13
_TITLE_SIZES = (68, 56, 46, 38, 30)
_MOST_LINES, _TITLE_HEIGHT = 4, 270


@dataclass(frozen=True)
class CardFacts:
    """What stands on a card."""

    title: str
    count: Count
    is_closed: bool


def draw_card(facts: CardFacts, style: Style, lettering: Lettering) -> bytes:
    """The card as PNG, 1200 by 630."""
    _, width = style.gettext, SIZE[0] - 2 * _EDGE
    image = Image.new("RGB", SIZE, NIGHT)
    name = style.organisation["name"] or ""
    _put(image, lettering, lettering.lines(name, 30, width=width, font=lettering.heading_font(name))[:1], 78, ON_NIGHT)
    title = _fitted(facts.title, lettering, width)
    _put(image, lettering, title, 108 + title[0].size, WHITE, leading=1.15)
    _windows(image, facts.count.windows_lit)
    number = style.formats.number(facts.count.total)
    beside = width - _COLUMNS * _STEP - 24
    said = style.ngettext("person has signed", "people have signed", facts.count.total)
    if facts.is_closed:
        said = style.ngettext("person signed", "people signed", facts.count.total)
    when = _("Confirmed signatures, counted on %(date)s.") % {"date": style.formats.date(facts.count.counted_at)}
    y = SIZE[1] - 150
    _put(image, lettering, [lettering.line(number, 88, font=lettering.heading_font(number))], y, LAMP, left=True)
    _put(image, lettering, lettering.lines(said, 34, width=beside)[:1], y + 50, WHITE, left=True)
    _put(image, lettering, lettering.lines(when, 22, width=beside)[:2], y + 92, ON_NIGHT, left=True)
    written = io.BytesIO()
    image.quantize(128).save(written, "PNG", optimize=True)
    return written.getvalue()


def _fitted(title: str, lettering: Lettering, width: int) -> list[Line]:
    """The title as large as it fits; one that never does is cut."""
    font = lettering.heading_font(title)
    lines: list[Line] = []
    for size in _TITLE_SIZES:
        lines = lettering.lines(title, size, width=width, font=font)
        if len(lines) <= _MOST_LINES and len(lines) * size * 1.15 <= _TITLE_HEIGHT:
            return lines
    return lines[: int(_TITLE_HEIGHT / (_TITLE_SIZES[-1] * 1.15))]


def _put(
    image: Image.Image, lettering: Lettering, lines: list[Line], y: float, colour: Colour, *, leading: float = 1.3,
    left: bool = False,
) -> None:  # fmt: skip
    for line in lines:
        x = SIZE[0] - _EDGE - line.width if line.from_right and not left else _EDGE
        lettering.draw(image, line, x, y, colour)
        y += line.size * leading


def _windows(image: Image.Image, lit: int) -> None:
    """250 windows, lit from the bottom row up, as on the page."""
    draw = ImageDraw.Draw(image)
    left, bottom = SIZE[0] - _EDGE - _COLUMNS * _STEP + _STEP - _PANE, SIZE[1] - _EDGE
    for number in range(WINDOWS):
        row, column = divmod(number, _COLUMNS)
        x, y = left + column * _STEP, bottom - row * _STEP - _PANE
        draw.rectangle((x, y, x + _PANE - 1, y + _PANE - 1), fill=LAMP if number < lit else UNLIT)
