"""Many kills of the worker in the middle of one large invalidation and of its way back."""

from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.integration.faults.test_killed_invalidations import live_through

pytestmark = pytest.mark.long


@pytest.mark.parametrize("engine", ENGINES)
def test_eight_kills_lose_and_repeat_nothing(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    live_through(40_000, kills=4, engine=engine, request=request, folder=tmp_path)
