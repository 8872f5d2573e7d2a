"""Differences: both texts can be read back out of the pieces, and long ones cost little."""

from hypothesis import given
from hypothesis import strategies as st

from campaign.core.differences import Change, Piece, differences

words = st.lists(st.sampled_from(["open", "the", "door", "now", "\n", "  ", "й"]), max_size=25).map(" ".join)


@given(words, words)
def test_both_texts_are_in_the_pieces(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(piece.words for piece in pieces if piece.change is not Change.ADDED) == before
    assert "".join(piece.words for piece in pieces if piece.change is not Change.REMOVED) == after


def test_words_are_told_apart() -> None:
    assert differences("Open the door now.", "Open the gate now.") == [
        Piece(Change.SAME, "Open the "),
        Piece(Change.REMOVED, "door "),
        Piece(Change.ADDED, "gate "),
        Piece(Change.SAME, "now."),
    ]


def test_long_passages_that_are_the_same_are_cut_short() -> None:
    long = "word " * 1000
    pieces = differences(f"{long}\nend", f"{long}\nfinish")
    assert [piece.change for piece in pieces] == [Change.SAME, Change.REMOVED, Change.ADDED]
    assert pieces[0].words.startswith(" … ")
    assert len(pieces[0].words) < 500


def test_what_is_too_long_to_compare_is_replaced_as_a_whole() -> None:
    before, after = "\n".join("ab" * 600), "\n".join("ba" * 700)
    assert [piece.change for piece in differences(before, after)] == [Change.REMOVED, Change.ADDED]
