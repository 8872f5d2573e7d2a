"""Files that take long to make and are asked for often: made by one at a time, kept for a while, served meanwhile."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from campaign.core.files import write_file


class KeptFiles:
    """Files below a folder, which processes and machines may share. Each process makes one at a time at most."""

    def __init__(self, folder: Path, *, seconds: int) -> None:
        self._folder, self._seconds = folder, seconds
        self._making = threading.Lock()

    def get(self, name: str, make: Callable[[], bytes], *, changed_at: float = 0.0) -> Path:
        """The file, made anew where it is old or older than what it shows (`changed_at`, as a time stamp).

        Whoever asks while another makes it gets the old one; only where there is none do they wait.
        """
        path = self._folder / name
        if self._is_fresh(path, changed_at):
            return path
        if not self._making.acquire(blocking=not path.exists()):
            return path
        try:
            if not self._is_fresh(path, changed_at):  # another may have made it while this one waited
                write_file(path, make())
        finally:
            self._making.release()
        return path

    def _is_fresh(self, path: Path, changed_at: float) -> bool:
        try:
            made_at = path.stat().st_mtime
        except FileNotFoundError:
            return False
        return made_at >= changed_at and 0 <= time.time() - made_at < self._seconds
