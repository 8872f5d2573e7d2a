"""Where a text too wide for its place may be broken into lines, so that all of it stands on the paper."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# What stands in one place with the letter before it: joiners, selectors of variants, skin tones.
_HANGS_ON = re.compile("[\u200c\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]")
_VIRAMA = 9  # the combining class of the signs that join two Indic letters into one
_ZWJ = "\u200d"
_RIGHT_TO_LEFT = ("R", "AL")


@dataclass(frozen=True)
class Lines:
    """A text as it stands on paper: its lines, the size of the type, its fonts, whether HarfBuzz shapes it."""

    lines: list[str]
    size: float
    fonts: list[str]
    shaped: bool


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text in lines no wider than `width`; between words where that goes, else between signs. Loses no sign."""
    found: list[str] = []
    line, taken, space = "", 0.0, measure(" ")
    for word in text.split():
        wide = measure(word)
        if line and taken + space + wide <= width:
            line, taken = f"{line} {word}", taken + space + wide
            continue
        if line:
            found.append(line)
        *whole, line = _parts(word, width, measure) if wide > width else [word]
        found += whole
        taken = measure(line)
    return [*found, line]


def _parts(word: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """A word wider than a line; each part has one sign at least."""
    part = ""
    for sign in signs(word):
        if part and measure(part + sign) > width:
            yield part
            part = ""
        part += sign
    yield part


def signs(text: str) -> Iterator[str]:
    """What a reader sees as one letter each, with its marks and what is joined to it (nearly Unicode TR 29)."""
    sign = ""
    for character in text:
        hangs = unicodedata.category(character)[0] == "M" or _HANGS_ON.match(character)
        if sign and not hangs and sign[-1] != _ZWJ and unicodedata.combining(sign[-1]) != _VIRAMA:
            yield sign
            sign = ""
        sign += character
    if sign:
        yield sign


def runs_from_right(text: str) -> bool:
    """True where the first letter with a direction of its own runs from the right (Unicode TR 9, P2 and P3)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", *_RIGHT_TO_LEFT):
            return direction in _RIGHT_TO_LEFT
    return False
