"""Contrast as WCAG defines it, against values that others have published."""

import pytest

from campaign.core.contrast import contrast, lightened, read_colour, shown_contrast, write_colour

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@pytest.mark.parametrize(
    ("colour", "on_white"), [("#000000", "21.0"), ("#ffffff", "1.0"), ("#777777", "4.4"), ("#767676", "4.5"), ("#0000ff", "8.5")]
)  # fmt: skip
def test_known_ratios(colour: str, on_white: str) -> None:
    read = read_colour(colour)
    assert read is not None
    assert shown_contrast(read, WHITE) == shown_contrast(WHITE, read) == on_white
    assert write_colour(read) == colour


@pytest.mark.parametrize("typed", ["", "#fff", "12508f", "#12508F", "#12508f ", "red", "#12508f;}", "#１２508f"])
def test_what_is_no_colour(typed: str) -> None:
    assert read_colour(typed) is None


@pytest.mark.parametrize("colour", [BLACK, (18, 80, 143), (120, 0, 0), WHITE])
def test_lightened_is_read_on_the_dark(colour: tuple[int, int, int]) -> None:
    ground = (21, 32, 45)
    assert contrast(lightened(colour, against=(ground, BLACK)), ground) >= 4.5
