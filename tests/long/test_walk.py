"""A thousand random steps through what happens to signatures, other ones at every run."""

import pytest
from flask import Flask

from tests.walks import walk

pytestmark = pytest.mark.long


def test_the_count_equals_the_rows_after_any_thousand_steps(app: Flask) -> None:
    assert walk(examples=30, steps=80, derandomize=False) >= 1000
