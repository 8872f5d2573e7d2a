"""Masks: turned round by who has the key, telling nothing to others."""

import pytest

from campaign.core.masking import LARGEST_ID, mask, unmask

KEY = "k" * 32


@pytest.mark.parametrize("row_id", [1, 2, 1_000_000, 2**32, 2**40 + 7, LARGEST_ID])
def test_a_mask_leads_back(row_id: int) -> None:
    masked = mask(KEY, "comment", row_id)
    assert len(masked) == 16
    assert unmask(KEY, "comment", masked) == row_id
    assert unmask("other" * 8, "comment", masked) != row_id
    assert unmask(KEY, "other", masked) != row_id


def test_masks_of_neighbours_share_nothing_that_could_be_counted() -> None:
    masks = [mask(KEY, "comment", number) for number in range(1, 2001)]
    assert len(set(masks)) == 2000
    assert masks != sorted(masks)
    # Each of the 64 bits is set in about half of them: five standard deviations are 112.
    for bit in range(64):
        assert 888 <= sum(int(one, 16) >> bit & 1 for one in masks) <= 1112, bit


@pytest.mark.parametrize("text", ["", "0", "g" * 16, "A" * 16, "0" * 17, "é" * 16, " " * 16, "-000000000000001"])
def test_what_is_no_mask_leads_nowhere(text: str) -> None:
    assert unmask(KEY, "comment", text) is None


def test_no_mask_leads_to_an_id_that_the_database_cannot_take() -> None:
    found = [unmask(KEY, "comment", f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}") for number in range(200)]
    assert None in found  # about half of all texts
    assert all(one is None or 0 <= one <= LARGEST_ID for one in found)
