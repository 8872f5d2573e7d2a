"""Running the program's real processes in tests: started on free ports, killed at will, always ended."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for something to become true; a failure names it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)


def answers(url: str) -> bool:
    """True where something answers at the address, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: this one's without settings of the program, plus the given."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


class Program:
    """One process of the program with its children, in a session of its own."""

    def __init__(self, *command: str, log: Path, **variables: str) -> None:
        self.command, self.log, self.variables = command, log, variables
        self.popen: subprocess.Popen[bytes] | None = None

    def start(self) -> "Program":
        with self.log.open("ab") as output:
            self.popen = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environment(**self.variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        assert self.popen is not None
        return self.popen.pid

    def kill(self) -> None:
        """kill -9, the process and all it started."""
        self.signal(signal.SIGKILL)
        assert self.popen is not None
        self.popen.wait(30)

    def signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return

    def stop(self) -> int:
        """SIGTERM to the process alone; gives the exit status."""
        assert self.popen is not None
        self.popen.terminate()
        try:
            return self.popen.wait(30)
        finally:
            self.signal(signal.SIGKILL)


@contextmanager
def running(*programs: Program) -> Iterator[None]:
    """Start programs, and end whatever is left of them."""
    try:
        for program in programs:
            program.start()
        yield
    finally:
        for program in programs:
            if program.popen is not None:
                program.signal(signal.SIGKILL)
                program.popen.wait(30)


def beside_python(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def children(pid: int) -> list[int]:
    """Process ids of all descendants (Linux)."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children(int(child))]
    return found
