"""Printed documents: each script in its font, shaped and in its direction; what no font has is said."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import uharfbuzz as hb
from fontTools.ttLib import TTFont

from campaign.core.fonts import FOLDER, HAN, font_file, font_of
from campaign.core.formatting import Formats
from campaign.core.paper import MARGIN, MISSING, Paper, Style
from campaign.core.paper_lines import break_lines, runs_from_right, signs
from campaign.settings import ROOT
from tests.conftest import need

NAMES = {
    "NotoSans": "Siân Łoś Олена Ковальчук Ґалаґан Ελένη Nguyễn Thị Ánh",
    "NotoSansArabic": "محمد الأحمد علی رضا می\u200cخواهم",
    "NotoSansDevanagari": "क्षितिज श्रीवास्तव",
    "NotoSansBengali": "রবীন্দ্রনাথ ঠাকুর",
    "NotoSansHebrew": "שרה כהן",
    "NotoSansTamil": "இளங்கோ முருகன்",
    "NotoSansEthiopic": "አበበ በቂላ",
    "NotoSansThai": "ตะวัน ใจดี",
    "NotoSansGeorgian": "გიორგი",
    "NotoSansArmenian": "Հայկ",
    "NotoSansMyanmar": "အောင်ဆန်း",
    "NotoSansKhmer": "សុខ វណ្ណា",
    HAN: "王小明 山田太郎 김민수",
}


@pytest.fixture
def paper() -> Iterator[Paper]:
    style = Style(
        language="en", gettext=str, ngettext=lambda one, many, n: one if n == 1 else many,
        formats=Formats(lambda: "en", ZoneInfo("Europe/London")),
        serif=ROOT / "static" / "fonts" / "source-serif-4-latin-600.woff2", pictures=ROOT, illustration=ROOT,
        organisation={"name": "The Daily Lantern"},
    )  # fmt: skip
    with Paper("Open the door", style, now=datetime(2026, 3, 12, 14, tzinfo=UTC)) as made:
        made.add_page()
        yield made


def glyphs(paper: Paper, font: str) -> set[int]:
    """The glyphs of a font that the document has drawn."""
    return {glyph.glyph_id for glyph in paper.fonts[font.lower()].subset._char_id_per_glyph}


def shaped(font: str, text: str) -> set[int]:
    """The glyphs that HarfBuzz gives for the text."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(hb.Font(hb.Face(hb.Blob.from_file_path(str(font_file(font))))), buffer)
    return {info.codepoint for info in buffer.glyph_infos}


@pytest.mark.parametrize(("font", "name"), NAMES.items(), ids=NAMES)
def test_a_name_is_drawn_in_the_font_of_its_script(paper: Paper, font: str, name: str) -> None:
    paper.put(MARGIN, 30, name, 10, width=170)
    assert paper.incomplete == 0
    letters = {font_of(character) for character in name if character.isalpha()}
    assert letters == {font}
    for word in name.split():
        assert shaped(font, word) - {0} <= glyphs(paper, font)


def test_letters_that_join_are_not_those_of_the_alphabet() -> None:
    """Else the test above could not fail for Arabic: the joined forms are other glyphs than the letters alone."""
    with TTFont(font_file("NotoSansArabic")) as font:
        cmap, names = font.getBestCmap(), font.getReverseGlyphMap()
    alone = {names[cmap[ord(character)]] for character in "محمد"}
    assert shaped("NotoSansArabic", "محمد") - alone


def test_every_font_that_a_block_names_is_there_with_its_licence() -> None:
    named = {font_of(chr(code)) for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000} - {""}
    assert named == {path.stem for path in FOLDER.glob("*.ttf")} - {"NotoSans-Bold"}
    assert {"OFL.txt", "Apache-2.0.txt", "README.md"} <= {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize("name", ["Anna 👩\u200d🚀", "བོད་ཡིག", "\U0001f600"])
def test_what_no_font_has_is_shown_as_missing_and_counted(paper: Paper, name: str) -> None:
    paper.put(MARGIN, 30, name, 10, width=100)
    paper.put(MARGIN, 40, "Anna", 10, width=100)
    assert paper.incomplete == 1
    assert glyphs(paper, "NotoSans") >= shaped("NotoSans", MISSING)


def test_text_that_wraps_is_measured_as_it_is_drawn(paper: Paper) -> None:
    for text in (
        "Somebody opened a door. " * 20,
        "فتح له أحدهم الباب. " * 20,
        [("Waive visas ", True), ("now. " * 60, False)],
    ):
        height = paper.measure(text, 11, width=80)
        drawn = paper.flow(MARGIN, 40, text, 11, width=80) - 40
        assert 0.85 * height < drawn <= height + 0.01
        assert height > 20


def test_direction_is_that_of_the_first_letter_that_has_one() -> None:
    assert runs_from_right("12 محمد Smith")
    assert not runs_from_right("12 Smith محمد")
    assert not runs_from_right("12, 13")


def test_a_reader_of_pdf_files_finds_the_words(paper: Paper, tmp_path: Path) -> None:
    need(shutil.which("pdftotext"), "pdftotext (poppler-utils)")
    paper.foot = "Open the door"
    for line, name in enumerate(NAMES.values()):
        paper.put(MARGIN, 30 + 10 * line, name, 10, width=170)
    long = "A name that is far too long for its place"
    paper.put(MARGIN, 200, long, 10, width=20)
    paper.heading(MARGIN, 210, "Відчиніть двері", 20, width=170)
    paper.add_page()
    paper.output(str(tmp_path / "t.pdf"))
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "t.pdf", "-"], capture_output=True, check=True)
    assert done.stderr == b""
    text = done.stdout.decode()
    for name in ("NotoSans", HAN, "NotoSansGeorgian", "NotoSansEthiopic"):
        assert NAMES[name] in text
    assert "محمد" in text
    assert "Відчиніть двері" in text
    assert re.search("A name t.*…", text)
    assert long not in text
    assert "1 of 2" in text
    assert "2 of 2" in text


LONG = [
    "María de los Ángeles Fernández de Córdoba y Álvarez de Toledo",
    "W" * 100,
    "محمد بن عبد الله بن عبد المطلب بن هاشم بن عبد مناف بن قصي بن كلاب بن مرة بن كعب بن لؤي",
    "م" * 100,
    "রবীন্দ্রনাথ দেবেন্দ্রনাথ দ্বারকানাথ ঠাকুর বন্দ্যোপাধ্যায় চট্টোপাধ্যায় মুখোপাধ্যায় ভট্টাচার্য",
    "ক্ষ্ম" * 20,
    "王" * 100,
    "Anna 👩\u200d🚀 " * 9 + "Last",
]


@pytest.mark.parametrize("name", LONG, ids=[name[:8] for name in LONG])
def test_what_is_too_long_is_set_smaller_and_then_on_more_lines(paper: Paper, name: str) -> None:
    fitted = paper.fit(name, 9, width=45, smallest=7.5)
    assert "".join("".join(fitted.lines).split()) == "".join(name.replace("👩\u200d🚀", MISSING).split())
    assert fitted.size == 7.5
    assert len(fitted.lines) > 1
    for number, line in enumerate(fitted.lines):
        paper.put_fitted(MARGIN, 30 + 5 * number, fitted, number)
        assert paper.get_string_width(line) <= 45.01, line


def test_what_is_a_little_too_long_is_set_smaller(paper: Paper) -> None:
    for name in ("María de los Ángeles Fernán", "محمد بن عبد الله بن عبد المطلب بن"):
        wide = paper.fit(name, 9, width=170)
        assert (wide.lines, wide.size) == ([name], 9)
        paper.put_fitted(MARGIN, 30, wide, 0)
        width = paper.get_string_width(name) * 0.9
        fitted = paper.fit(name, 9, width=width, smallest=7.5)
        assert fitted.lines == [name]
        assert 8 < fitted.size < 8.11
        assert len(paper.fit(name, 9, width=width).lines) == 2


def test_lines_break_between_words_and_between_signs_only_where_they_must() -> None:
    assert break_lines("one two three", 7, len) == ["one two", "three"]
    assert break_lines("a incomprehensible b", 6, len) == ["a", "incomp", "rehens", "ible b"]
    assert break_lines("", 6, len) == [""]
    assert break_lines("ab", 0.5, len) == ["a", "b"]
    assert list(signs("ক্ষ্মক")) == ["ক্ষ্ম", "ক"]
    assert list(signs("e\u0301a👩\u200d🚀b")) == ["e\u0301", "a", "👩\u200d🚀", "b"]
