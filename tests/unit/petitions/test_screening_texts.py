"""What is found in names and comments, and what is left in peace."""

import subprocess
import sys

import pytest

from campaign.petitions.models import Signal
from campaign.petitions.screening.comments import comment_signals, has_telephone
from campaign.petitions.screening.starting_words import ANY_LANGUAGE, STARTING_WORDS, Words
from campaign.petitions.screening.words import has_word, looks_typed_at_random

P, A, L = Signal.COMMENT_PHONE, Signal.COMMENT_ADDRESS, Signal.COMMENT_LINK


@pytest.mark.parametrize(
    "comment",
    [
        "ring me on 07700 900 914.",
        "+380 50 123-45-67",
        "(020) 7946 0018",
        "050/1234567",
        "Tel.:+44(0)7700900914",
        "0049-30-1234567",
        "٠٧٧٠٠٩٠٠٩١٤",
        "０７７００ ９００ ９１４",
        "555 123 4567",
        "06.12.34.56.78",
    ],
)
def test_what_may_be_dialled_is_a_telephone_number(comment: str) -> None:
    assert list(comment_signals(comment)) == [P]


@pytest.mark.parametrize(
    "text",
    [
        "On 24.02.2022 at 05:00 it began, on 2022-02-24 we left, 24/2/2022.",
        "1 000 000 000 people, 5.000.000 of them here",
        "1914-1918, 1939-1945, 2014 2015 2016",
        "We drove 2 400 km with 3 children aged 4, 7 and 11 in 36 hours.",
        "SW1A 1AA, flat 12",
        "",
    ],
)
def test_dates_years_and_sums_are_none(text: str) -> None:
    assert not has_telephone(text)


@pytest.mark.parametrize(
    ("comment", "signals"),
    [
        ("Write to olena@example.org!", [A]),
        ("olena (at) example org", [A]),
        ("See https://spam.example/x", [L]),
        ("see spam.com", [L]),
        ("a@example.com and www.spam.example, 07700 900914", [P, A, L]),
        ("We met @ the station at noon. 5:1!", []),
        ("Ми чекаємо. Дякую!", []),
    ],
)
def test_a_comment_shows_what_it_holds(comment: str, signals: list[Signal]) -> None:
    assert list(comment_signals(comment)) == signals


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Test Test", "test"),
        ("MICKEY  Mouse", "mickey mouse"),
        ("mickey-mouse", "mickey mouse"),
        ("Qwertz Uiop", "qwert*"),
        ("Ｔｅｓｔ", "test"),
        ("тест", "тест"),
        ("我是测试员", "测试"),
        ("ім’я прізвище", "ім’я прізвище"),
        ("हिन्दी नाम", "हिन्दी"),
    ],
)
def test_words_are_found_whatever_case_width_or_script(text: str, word: str) -> None:
    assert has_word(text, [word])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Testa Rossa", "test"),
        ("Contest", "test"),
        ("Mickey Rourke", "mickey mouse"),
        ("हिन्दीक", "हिन्दी"),
        ("Anna", "*"),
        ("Anna", ""),
    ],
)
def test_parts_of_words_are_not(text: str, word: str) -> None:
    assert not has_word(text, [word])


def test_four_times_the_same_letter_is_no_name() -> None:
    assert looks_typed_at_random("Aaaa Bbbb")
    assert looks_typed_at_random("ыыыы")
    assert not looks_typed_at_random("Aaron III")


# Real names of people, among them some that look like one of the words; none may be a reason to hold somebody.
NAMES = """Sophie Testard|Olena Shevchenko|Ілона Шевчук|Иван Москаленко|Nikhil Wankhede|Ken Shitara|Joe Root|Ana Bar
Jan Kowalski|Jean Dupont|Juan Pérez|Dick Francis|Mohammed Al-Masri|محمد الأحمد|王小明|राहुल देशमुख|Anh Nguyễn Huy|Jeba Rahman
Peter Fuchs|Abcdi Noor|Grace Adeyemi|Fanny Hill|Christ Jesus Morales|Eva Braun|Hanna Putaala|Lena Fickert|B. O’Rourke"""


@pytest.mark.parametrize("name", [one for line in NAMES.splitlines() for one in line.split("|")])
def test_the_starting_words_leave_people_in_peace(name: str) -> None:
    for code, words in STARTING_WORDS.items():
        assert not has_word(name, words.names), code
    assert not looks_typed_at_random(name)


@pytest.mark.parametrize(
    "comment",
    [
        "Don't send them back. They want to go home, and they can't.",
        "My aunt is still in Irpin. Bombs kill them every day.",
        "Saw it on Telegram and WhatsApp.",
        "Щасти вам усім!",
    ],
)
def test_the_starting_words_leave_honest_comments_in_peace(comment: str) -> None:
    for code, words in STARTING_WORDS.items():
        assert not has_word(comment, words.comments), code


def test_starting_words_are_written_as_they_are_looked_for() -> None:
    assert ANY_LANGUAGE in STARTING_WORDS
    for words in STARTING_WORDS.values():
        assert isinstance(words, Words)
        for word in (*words.names, *words.comments):
            assert has_word(word.replace("*", "abc"), [word]), word


LONG = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from campaign.core.text import has_link
from campaign.petitions.screening.comments import comment_signals
from campaign.petitions.screening.covering import covered
for letters, times in (("a", 200_000), ("a-", 200_000), ("aa.", 100_000), (chr(0x3316), 20_000)):
    text = letters * times
    assert not list(comment_signals(text)) and not has_link(text) and covered(text) == text, letters
"""


def test_a_text_is_not_read_again_from_each_of_its_letters() -> None:
    """What takes a few seconds would take hours then, and is ended after a minute of the processor's time."""
    assert subprocess.run([sys.executable, "-c", LONG], check=False).returncode == 0
