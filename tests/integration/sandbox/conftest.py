"""A fresh sandbox and a receiver for each test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox.process import Receiver, SandboxProcess


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where webhooks go."""
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture
def sandbox(tmp_path: Path, receiver: Receiver) -> Iterator[SandboxProcess]:
    """A running sandbox that knows nothing yet."""
    process = SandboxProcess(tmp_path / "sandbox.sqlite3", receiver.url)
    yield process
    process.close()
    assert receiver.refused == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox without webhooks for tests that look at their own objects only."""
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    yield process
    process.close()
