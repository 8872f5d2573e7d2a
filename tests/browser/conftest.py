"""The whole program as `make run` starts it, on each database, and a Chromium that reads it without scripts."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import CHROMIUM, ENGINES, make_database, need
from tests.processes import Program, answers, beside_python, free_port, running, wait_until


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    url: str
    sandbox: str
    log: Path


@pytest.fixture(scope="session", params=ENGINES)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`flask up` from nothing: migrated, seeded, web, worker and sandbox."""
    need(CHROMIUM.exists(), f"Chromium ({CHROMIUM})")
    folder = tmp_path_factory.mktemp(f"demo-{request.param}")
    port, sandbox_port = free_port(), free_port()
    program = Program(
        beside_python("flask"), "--app", "wsgi", "up",
        log=folder / "log",
        CAMPAIGN_ENV="demo",
        INSTANCE_DIR=str(folder),
        DATABASE_URL=make_database(request.param, folder, request, f"demo_{os.getpid()}"),
        PORT=str(port),
        SANDBOX_PORT=str(sandbox_port),
        CHECKOUTS_PER_NETWORK="100",  # every test here gives from the same one
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with running(program):
        wait_until(lambda: answers(f"{url}/readyz"), "the demo answers", 90)
        yield Demo(url, f"http://127.0.0.1:{sandbox_port}", folder / "log")
        program.stop()


@pytest.fixture
def page(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A phone without scripts."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}, base_url=demo.url)
    yield context.new_page()
    context.close()
