"""Text on pictures: scripts that join, run from the right or mix, and signs that no font has."""

import pytest
from PIL import Image

from campaign.core.lettering import SERIF, Lettering
from campaign.settings import ROOT

WHITE = (255, 255, 255)
LETTERING = Lettering(ROOT / "static" / "fonts" / "source-serif-4-latin-600.woff2")


def drawn(text: str, size: float = 40) -> Image.Image:
    image = Image.new("L", (900, 90))
    LETTERING.draw(image, LETTERING.line(text, size), 20, 60, 255)  # type: ignore[arg-type] # one channel here
    return image


def test_a_line_is_drawn_where_it_is_said_and_as_wide() -> None:
    line = LETTERING.line("Open the door", 40)
    left, top, right, bottom = drawn("Open the door").getbbox() or (0, 0, 0, 0)
    assert 18 <= left <= 26
    assert abs(right - 20 - line.width) < 5
    assert 25 <= top <= 35
    assert 60 <= bottom <= 75  # the p hangs below the baseline


def test_arabic_letters_join_and_run_from_the_right() -> None:
    alone = sum(LETTERING.line(letter, 40).width for letter in "سلام")
    joined = LETTERING.line("سلام", 40)
    assert joined.width < 0.8 * alone
    assert joined.from_right
    glyphs = {glyph for _, glyph, _, _ in joined.glyphs}
    assert not glyphs & {LETTERING.line(letter, 40).glyphs[0][1] for letter in "سل"}  # other forms than alone


def test_numbers_and_latin_inside_a_text_from_the_right_stay_in_order() -> None:
    """From left to right there stand: the last letters, 123, the first letters."""
    line = LETTERING.line("אב 123 גד", 40)
    digits = [right for name, glyph, right, _ in line.glyphs if (name, glyph) in set(named("123"))]
    assert digits == sorted(digits)
    assert [glyph for name, glyph, _, _ in line.glyphs if (name, glyph) in set(named("123"))] == [
        glyph for _, glyph in named("123")
    ]
    first, last = named("א")[0], named("ד")[0]
    at = {(name, glyph): right for name, glyph, right, _ in line.glyphs}
    assert at[last] < digits[0] < at[first]


def named(text: str) -> list[tuple[str, int]]:
    return [(name, glyph) for name, glyph, _, _ in LETTERING.line(text, 40).glyphs]


@pytest.mark.parametrize("text", ["यूक्रेन", "Відчиніть", "為逃離的家庭", "வணக்கம்", "ខ្មែរ", "한국어", "ελληνικά"])
def test_each_script_has_a_font(text: str) -> None:
    line = LETTERING.line(text, 40)
    assert line.width > 40
    assert 0 not in {glyph for _, glyph, _, _ in line.glyphs}
    assert drawn(text).getbbox()


def test_signs_that_no_font_has_are_left_out() -> None:
    assert LETTERING.line("Open 😀", 40).width == LETTERING.line("Open ", 40).width
    assert LETTERING.line("😀", 40).glyphs == []
    LETTERING.draw(Image.new("RGB", (10, 10)), LETTERING.line("", 40), 0, 0, WHITE)


def test_headings_are_in_the_serif_where_it_has_the_letters() -> None:
    assert LETTERING.heading_font("Refugees Welcome – now") == SERIF
    assert LETTERING.heading_font("Відчиніть") != SERIF


def test_a_long_text_is_broken_into_lines_that_fit() -> None:
    lines = LETTERING.lines("Open the door to families " * 4 + "x" * 200, 40, width=600)
    assert len(lines) > 5
    assert max(line.width for line in lines) <= 600
