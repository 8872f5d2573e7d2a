"""A small process runner: starts processes, prefixes their output, starts one again that dies, and ends them together.

Written here because the kept runners either do not start a dead process again (honcho) or want configuration files and
a server of their own (supervisor, circus).
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType

RESTART_PAUSE = 1.0  # seconds
DEATHS_TOLERATED = 5
DEATHS_WINDOW = 60.0  # seconds
STOP_PATIENCE = 15.0  # seconds


_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Linux: be told to end when the runner dies without a word, by kill -9 or for want of memory."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One process under the runner's eye."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._command = list(command)
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self._deaths: deque[float] = deque(maxlen=DEATHS_TOLERATED)
        self._popen: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.last_lines: deque[str] = deque(maxlen=15)

    def start(self) -> None:
        """Start it, in a session of its own, so that a Ctrl-C reaches the runner alone."""
        self._popen = subprocess.Popen(  # noqa: S603 - the program's own commands
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - it makes one system call, and takes no lock
        )
        self._reader = threading.Thread(target=self._copy_output, args=(self._popen,), daemon=True)
        self._reader.start()

    def _copy_output(self, popen: "subprocess.Popen[str]") -> None:
        for line in popen.stdout or ():
            self.last_lines.append(line.rstrip())
            print(f"{self.name:>8} | {line}", end="", flush=True)

    def has_died(self) -> bool:
        """True where it ended by itself."""
        return self._popen is not None and self._popen.poll() is not None

    def keeps_dying(self) -> bool:
        """Note a death; True at the fifth within a minute."""
        self._deaths.append(time.monotonic())
        return len(self._deaths) == DEATHS_TOLERATED and self._deaths[-1] - self._deaths[0] < DEATHS_WINDOW

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to it and all it started."""
        if self._popen is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, number)

    def ask_to_stop(self) -> None:
        """Send SIGTERM to it; what it started is its own to end."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for its end, then end whatever is left of it."""
        if self._popen is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(seconds, 0.1))
        self.tell(signal.SIGKILL)
        self._popen.wait()
        if self._reader is not None:
            self._reader.join(1)


def _says_yes(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


class Runner:
    """Keeps several processes running until it is told to stop or one of them keeps dying."""

    def __init__(self) -> None:
        self._processes: list[Process] = []
        self.stopping = False

    def listen(self) -> None:
        """Stop at Ctrl-C, SIGTERM, or when the terminal goes away."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        # A plain flag: an Event's lock may be held by the very code that the signal interrupts.
        self.stopping = True

    def _pause(self, seconds: float) -> None:
        """Sleep, but not past the moment at which the runner is to stop (by more than a tenth of a second)."""
        end = time.monotonic() + seconds
        while not self.stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def add(self, process: Process) -> None:
        """Start a process and keep it running."""
        self._processes.append(process)
        process.start()

    def wait_for(self, url: str, seconds: float) -> bool:
        """Wait until the address says 200; False where a process died, the runner is to stop, or the time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.stopping:
            if _says_yes(url):
                return True
            if any(process.has_died() for process in self._processes):
                return False
            self._pause(0.1)
        return False

    def supervise(self) -> int:
        """Watch until the end; gives the exit status."""
        while not self.stopping:
            self._pause(0.2)
            for process in self._processes:
                if not process.has_died():
                    continue
                if process.keeps_dying():
                    print(f"{process.name} keeps dying; its last words:", file=sys.stderr)
                    print("\n".join(process.last_lines), file=sys.stderr)
                    self.stop()
                    return 1
                print(f"{process.name} died and is started again", file=sys.stderr, flush=True)
                process.tell(signal.SIGKILL)  # what it may have left behind
                self._pause(RESTART_PAUSE)
                if not self.stopping:
                    process.start()
        self.stop()
        return 0

    def stop(self) -> None:
        """End all processes and leave nothing running."""
        self.stopping = True
        deadline = time.monotonic() + STOP_PATIENCE
        for process in reversed(self._processes):
            process.ask_to_stop()
        for process in reversed(self._processes):
            process.wait(deadline - time.monotonic())
