"""Two thousand random steps through all that happens to money: our book ends as Stripe's, to the penny."""

from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.money_walk import walk_money

pytestmark = pytest.mark.long


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_our_book_is_stripes_after_two_thousand_steps(
    engine: str, seed: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    walk = walk_money(engine, tmp_path, request, steps=2000, seed=seed)
    assert walk.kills > 0
    assert walk.taken["pay"] > 200
