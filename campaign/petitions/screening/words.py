"""Looking for words in what people typed, in any script."""

import re
import unicodedata
from collections.abc import Iterable

# Scripts that put no space between words: there a word is looked for anywhere.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")
_SAME_LETTER = re.compile(r"([^\W\d_])\1{3,}")


def has_word(text: str, words: Iterable[str]) -> bool:
    """True where the text has one of the words, or of the phrases, as whole words; `*` at an end is any ending."""
    spread = f" {_plain(text)} "
    return any(_is_in(spread, word) for word in words)


def looks_typed_at_random(name: str) -> bool:
    """True where one letter comes four times in a row, as in no name."""
    return _SAME_LETTER.search(_plain(name)) is not None


def _is_in(spread: str, word: str) -> bool:
    wanted = _plain(word.rstrip("*"))
    if not wanted:
        return False
    if _UNSPACED.search(wanted):
        return wanted in spread
    return (f" {wanted}" if word.endswith("*") else f" {wanted} ") in spread


def _plain(text: str) -> str:
    """Letters, their marks and digits, folded; whatever else stands between them is one space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in folded)
    return " ".join("".join(kept).split())
