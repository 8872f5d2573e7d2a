"""A thousand random steps through what happens to signatures, other ones at every run."""

import pytest
from flask import Flask

from tests.walks import walk

pytestmark = pytest.mark.long

EVERYTHING = {
    "confirmed", "disowned", "hold", "release", "invalidate", "restore", "undone", "forgotten", "taken in bulk",
    "given back in bulk",
}  # fmt: skip


def test_the_count_equals_the_rows_after_any_thousand_steps(app: Flask) -> None:
    steps, happened = walk(examples=40, steps=60, derandomize=False)
    assert steps >= 1000
    assert {what for what, count in happened.items() if count} == EVERYTHING
