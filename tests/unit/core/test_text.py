import re

import pytest

from campaign.core.text import (
    TextRefused,
    clean_block,
    clean_line,
    first_name,
    has_link,
    inert_cell,
    is_link,
    list_points,
    render_markdown,
    replace_links,
    starts_formula,
)


@pytest.mark.parametrize(
    "name",
    [
        "Олена Коваленко", "سارة الأحمد", "ভাস্কর চৌধুরী", "राहुल देशमुख", "李 小龙", "Þórdís", "می‌خواهم",
        "👩‍👩‍👧 Family", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 Fan", "क्‍ष", "O’Neill-Śmith", "Nguyễn Thị", "jose\u0301",
    ],
)  # fmt: skip
def test_every_script_survives_exactly(name: str) -> None:
    assert clean_line(name) == name


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\ufeff", "\u200f", "\u2060", "\x07", "\u00ad"])
def test_what_deceives_the_eye_is_removed(sign: str) -> None:
    assert clean_line(f"Ann{sign}a") == "Anna"


@pytest.mark.parametrize("text", ["Anna\r\nBcc: x@example.org", "Anna\nB", "a\rb"])
def test_a_line_break_in_a_line_is_refused(text: str) -> None:
    with pytest.raises(TextRefused):
        clean_line(text)


def test_blocks_keep_their_lines() -> None:
    assert clean_block(" one\r\n\r\ntwo\u202e \x00") == "one\n\ntwo"


LINKS = [
    "https://x.example", "www.x.example", "see evil.com", "ｅｖｉｌ．ｃｏｍ", "HTTP://X", "t.me/refugee_visa", "bit.ly/3xYz",
    "Win at spiel.de now", "discord.gg/abcd", "evil.app", "пример.рф", "xn--e1afmkfd.xn--p1ai", "evil.com.Hello",
]  # fmt: skip


@pytest.mark.parametrize("text", LINKS)
def test_links_are_seen(text: str) -> None:
    assert is_link(text)
    assert has_link(text)
    assert replace_links(f"so: {text}", lambda _: "!").startswith("so: ")
    assert "!" in replace_links(text, lambda _: "!") or not text.isascii()


@pytest.mark.parametrize(
    "text", ["Anna", "J. R. Smith", "Dr.Anna", "St. John", "A.M. Khan", "M.Sc. Ada", "Md.Ali", "O.J.de Vries"]
)
def test_names_are_no_links(text: str) -> None:
    assert not is_link(text)
    assert not has_link(text)


def test_sentences_without_a_space_are_no_links() -> None:
    assert not has_link("Please help.My family is there.It is cold.In winter more so, at 9.30 or 10.15")
    assert is_link("Evil.De")


def test_long_rows_of_dots_are_looked_through_at_once() -> None:
    for text in ("a." * 5_000, "a-" * 5_000, "aa.qqq" * 2_000, "." * 10_000):
        assert not has_link(text)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "|x", "%x"])
def test_formulas_are_made_inert(text: str) -> None:
    assert starts_formula(text)
    assert inert_cell(text) == f"'{text}"


def test_plain_cells_stay() -> None:
    assert inert_cell("Олена") == "Олена"


def test_first_name() -> None:
    assert first_name("Olena Kovalenko") == "Olena"
    assert first_name("") == ""
    assert first_name("Madonna") == "Madonna"
    assert first_name("李小龙") == "李"
    assert first_name("김민준") == "김"
    assert first_name("小龙 李") == "小龙"


def test_markdown_shows_markup_as_text_and_links_only_what_is_safe() -> None:
    html = render_markdown(
        "**Bold** <script>alert(1)</script> [x](javascript:alert(1)) [y](https://y.example) ![i](https://i.example/i.png)"
    )
    assert "<strong>Bold</strong>" in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="https://y.example"' in html


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# One\n\n## Two\n\n# Three", [3, 4, 3]),
        ("### One\n\n# Two", [3, 3]),
        ("## One\n\n##### Two\n\n###### Three", [3, 4, 5]),
        ("One\n===\n\nTwo\n---", [3, 4]),
    ],
)
def test_headings_of_a_text_stand_below_the_pages_own_without_gaps(text: str, levels: list[int]) -> None:
    html = render_markdown(text)
    assert [int(level) for level in re.findall(r"<h(\d)>", html)] == levels
    assert [int(level) for level in re.findall(r"</h(\d)>", html)] == levels


def test_points_are_told_in_few_words() -> None:
    demand = (
        "We ask for *this*:\n\n"
        "1. **Let families in first.** Check papers later.\n   - not a point\n     1. nor this\n"
        "2. Pay `councils` [in full](https://x.example) \n   and soon\n\n"
        "3. **a** and\n\n   **b**\n"
        "4.\n"
        "5. " + "word " * 40 + "\n\n"
        "Another list:\n\n1. of no importance\n"
    )
    points = list_points(demand, longest=30)
    assert points == [
        "Let families in first",
        "Pay councils in full and soon",
        "a",
        "",
        "word word word word word…",
    ]


@pytest.mark.parametrize("text", ["", "no list", "- a\n- b", "> 1. quoted", "**bold**"])
def test_what_is_no_numbered_list_has_no_points(text: str) -> None:
    assert list_points(text) == []


def test_markup_in_a_point_stays_text() -> None:
    assert list_points("1. <script>alert(1)</script>") == ["<script>alert(1)</script>"]
