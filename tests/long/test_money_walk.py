"""Two thousand random steps through all that happens to money: our book ends as Stripe's, to the penny."""

from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.money_book import walk_money
from tests.money_walk import FAULTS, MODES

pytestmark = pytest.mark.long
INGREDIENTS = {
    "payments", "declined", "debits", "refunds asked for", "refunds of the dashboard", "refunds that failed",
    "disputes", "renewals", "cancellations", "events taken twice", "killed", *FAULTS, *MODES,
}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_our_book_is_stripes_after_two_thousand_steps(
    engine: str, seed: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    walk = walk_money(engine, tmp_path, request, steps=2000, seed=seed)
    print(f"seed {seed}, {engine}: {dict(walk.met)}")
    assert sum(walk.taken.values()) == 2000
    assert walk.met["payments"] > 200
    assert [name for name in INGREDIENTS if not walk.met[name]] == []
