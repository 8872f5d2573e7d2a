"""What two wordings have in common and what not, word by word, in time that long texts cannot stretch."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Lines of one side times lines of the other, and so for words: what is more is told as replaced as a whole.
MOST_COMPARED = 1_000_000
_WORDS = re.compile(r"\S+\s*|\s+")
_KEPT = 160  # characters shown of long passages that are the same, at either end


class Change(StrEnum):
    """What became of a piece."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Piece:
    """A run of words that were kept, removed or added."""

    change: Change
    words: str


def differences(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in order; long passages that are the same are cut short with `…`."""
    found: list[Piece] = []
    for piece in _compared(_lines(before), _lines(after), then=_compared_words):
        if found and found[-1].change is piece.change:
            found[-1] = Piece(piece.change, found[-1].words + piece.words)
        else:
            found.append(piece)
    return [_shortened(piece, number, len(found)) for number, piece in enumerate(found)]


def _compared_words(before: str, after: str) -> Iterator[Piece]:
    yield from _compared(_WORDS.findall(before), _WORDS.findall(after), then=_replaced)


def _replaced(before: str, after: str) -> Iterator[Piece]:
    if before:
        yield Piece(Change.REMOVED, before)
    if after:
        yield Piece(Change.ADDED, after)


def _compared(
    before: Sequence[str], after: Sequence[str], *, then: Callable[[str, str], Iterator[Piece]]
) -> Iterator[Piece]:
    """The pieces of two sequences; `then` looks closer at what was replaced."""
    if len(before) * len(after) > MOST_COMPARED:
        yield from _replaced("".join(before), "".join(after))
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        old, new = "".join(before[start:end]), "".join(after[other_start:other_end])
        if tag == "equal":
            yield Piece(Change.SAME, old)
        else:
            yield from then(old, new)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _shortened(piece: Piece, number: int, count: int) -> Piece:
    if piece.change is not Change.SAME or len(piece.words) <= 3 * _KEPT:
        return piece
    start = piece.words[:_KEPT] if number else ""
    end = piece.words[-_KEPT:] if number < count - 1 else ""
    return Piece(Change.SAME, f"{start} … {end}")
