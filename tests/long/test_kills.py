"""A long night: twenty kills of web and worker while 400 people sign."""

from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.integration.faults.test_kills import Night, live_through

pytestmark = pytest.mark.long


@pytest.mark.parametrize("engine", ENGINES)
def test_twenty_kills_lose_nobody(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    live_through(Night(signers=400, kills=20, seconds=25), engine, request, tmp_path)
