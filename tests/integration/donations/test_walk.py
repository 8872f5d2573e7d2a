"""A short random walk through all that happens to money; the long ones are in tests/long."""

from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.money_book import walk_money


@pytest.mark.parametrize("engine", ENGINES)
def test_our_book_is_stripes_after_a_short_walk(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    walk = walk_money(engine, tmp_path, request, steps=150, seed=1)
    assert walk.taken["pay"] > 10
