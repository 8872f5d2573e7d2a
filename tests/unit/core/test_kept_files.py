"""Files that are made once and served many times, whatever comes at once."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from campaign.core.kept_files import KeptFiles


class Maker:
    """Counts how often it is asked, and takes its time."""

    def __init__(self) -> None:
        self.made = 0
        self.go_on = threading.Event()

    def __call__(self) -> bytes:
        self.go_on.wait(10)
        self.made += 1
        return str(self.made).encode()


def grow_old(path: Path, seconds: float) -> None:
    at = time.time() - seconds
    os.utime(path, (at, at))


def test_fifty_at_once_make_it_once(tmp_path: Path) -> None:
    files, make = KeptFiles(tmp_path / "new", seconds=60), Maker()
    with ThreadPoolExecutor(50) as crowd:
        asked = [crowd.submit(files.get, "card.png", make) for _ in range(50)]
        make.go_on.set()
        assert {answer.result(10).read_bytes() for answer in asked} == {b"1"}
    assert make.made == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["card.png"]


def test_an_old_one_is_served_while_one_makes_it_anew(tmp_path: Path) -> None:
    files, make = KeptFiles(tmp_path, seconds=60), Maker()
    make.go_on.set()
    grow_old(files.get("card.png", make), 61)
    make.go_on.clear()
    with ThreadPoolExecutor(1) as other:
        busy = other.submit(files.get, "card.png", make)
        while not files._making.locked():
            time.sleep(0.001)
        assert files.get("card.png", make).read_bytes() == b"1"
        make.go_on.set()
        assert busy.result(10).read_bytes() == b"2"


def test_it_is_made_anew_when_it_is_old_or_what_it_shows_has_changed(tmp_path: Path) -> None:
    files, make = KeptFiles(tmp_path, seconds=60), Maker()
    make.go_on.set()
    path = files.get("a", make)
    grow_old(path, 30)
    assert files.get("a", make, changed_at=time.time() - 40).read_bytes() == b"1"
    assert files.get("a", make, changed_at=time.time() - 20).read_bytes() == b"2"
    grow_old(path, 61)
    assert files.get("a", make).read_bytes() == b"3"


def test_one_that_fails_leaves_nothing_and_the_next_may_try(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path, seconds=60)

    def fail() -> bytes:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        files.get("a", fail)
    assert files.get("a", lambda: b"made").read_bytes() == b"made"
