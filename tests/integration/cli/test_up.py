"""`flask up`, what `make run` starts: real processes, killed, restarted, ended together."""

import http.client
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Program, answers, beside_python, children, free_port, running, wait_until


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def program(tmp_path: Path, port: int) -> Program:
    return Program(
        beside_python("flask"), "--app", "wsgi", "up",
        log=tmp_path / "log",
        INSTANCE_DIR=str(tmp_path / "instance"),
        PORT=str(port),
        SANDBOX_PORT=str(free_port()),
        DEMO_SEED="false",
    )  # fmt: skip


@pytest.fixture
def up(program: Program, port: int) -> Iterator[Program]:
    with running(program):
        wait_until(lambda: "Ctrl-C ends it." in program.log.read_text(), "the greeting")
        yield program


def commands(pid: int) -> dict[int, str]:
    """Process id → command line of everything that a process started."""
    found: dict[int, str] = {}
    for child in children(pid):
        try:
            found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def pid_of(pid: int, words: str) -> int:
    """The first process below that has the words in its command line; zero where there is none."""
    return next((child for child, line in commands(pid).items() if words in line), 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_of_it(up: Program, port: int, number: signal.Signals) -> None:
    started = commands(up.pid)
    assert all(any(words in line for line in started.values()) for words in ("gunicorn", "worker", "campaign.sandbox"))
    os.kill(up.pid, number)
    assert up.popen is not None
    assert up.popen.wait(20) == 0
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), "nothing is left running", 5)
    assert not answers(f"http://127.0.0.1:{port}/healthz")


@pytest.mark.parametrize("victim", ["gunicorn", "wsgi worker", "campaign.sandbox"])
def test_what_dies_is_started_again_within_seconds(up: Program, port: int, victim: str) -> None:
    first = pid_of(up.pid, victim)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: pid_of(up.pid, victim) not in (0, first), f"{victim} is started again", 10)
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "it serves again", 20)


def test_a_connection_on_which_too_much_came_answers_what_comes_next(up: Program, port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for _ in range(3):
        line.request(
            "POST", "/campaigns/any/sign", "a=" + "x" * 500_000, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        refused = line.getresponse()
        assert (refused.status, refused.read() != b"") == (413, True)
        line.request("GET", "/healthz")
        following = line.getresponse()
        assert (following.status, following.read() != b"") == (200, True)
    line.close()


def test_a_runner_that_is_killed_leaves_nothing_running(up: Program) -> None:
    started = commands(up.pid)
    os.kill(up.pid, signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), "nothing is left running", 20)


def test_a_second_start_is_quick_and_keeps_the_keys(up: Program, program: Program, tmp_path: Path, port: int) -> None:
    keys = {path.name: path.read_text() for path in (tmp_path / "instance" / "keys").iterdir()}
    assert set(keys) == {"secret_key", "hash_key", "stripe_key", "stripe_webhook"}
    assert program.stop() == 0
    program.start()
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "it serves again", 30)
    assert {path.name: path.read_text() for path in (tmp_path / "instance" / "keys").iterdir()} == keys


def test_a_taken_port_is_said_at_once(up: Program, tmp_path: Path, port: int) -> None:
    second = Program(*up.command, log=tmp_path / "second", **(up.variables | {"INSTANCE_DIR": str(tmp_path / "other")}))
    with running(second):
        assert second.popen is not None
        assert second.popen.wait(20) == 1
    words = second.log.read_text()
    assert f"Cannot listen on 127.0.0.1:{port}" in words
    assert "Traceback" not in words


def test_what_keeps_dying_ends_all_with_its_message(program: Program, tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "sandbox.sqlite3").write_text("this is no database " * 100)
    started = time.monotonic()
    with running(program):
        assert program.popen is not None
        assert program.popen.wait(60) == 1
    assert time.monotonic() - started < 60
    assert "sandbox keeps dying; its last words:" in program.log.read_text()


def test_bad_settings_are_said_together_and_nothing_starts(tmp_path: Path) -> None:
    program = Program(
        beside_python("flask"), "--app", "wsgi", "up",
        log=tmp_path / "log", PORT="none", TIME_ZONE="Nowhere", INSTANCE_DIR=str(tmp_path),
    )  # fmt: skip
    with running(program):
        assert program.popen is not None
        assert program.popen.wait(20) != 0
    words = program.log.read_text()
    assert "PORT:" in words
    assert "TIME_ZONE:" in words
    assert "Traceback" not in words
