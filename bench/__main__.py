"""`make bench`: measures and prints a table; ends with 1 where a figure passes its limit."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import exports, pages
from bench.figures import Measured, lines
from bench.ground import Ground, ground
from campaign.settings import ROOT
from tests.conftest import ENGINES

Part = Callable[[Ground], Iterable[Measured]]


def parts() -> dict[str, Part]:
    """What is measured, by name."""
    return {
        "queue": pages.queue,
        "staff": pages.overviews,
        "public": pages.public,
        "exports": lambda ground: exports.figures(ground.app, ground.large.id),
    }


def main() -> int:
    known = parts()
    arguments = argparse.ArgumentParser(prog="bench")
    arguments.add_argument("--only", default="", help=f"some of {', '.join(known)}, separated by commas")
    arguments.add_argument("--engines", default=",".join(ENGINES))
    arguments.add_argument("--signatures", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path, default=ROOT / "instance" / "bench", help="where databases are kept")
    chosen = arguments.parse_args()
    wanted = [name for name in chosen.only.split(",") if name] or list(known)
    if unknown := set(wanted) - set(known):
        arguments.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    begun, missed = time.perf_counter(), 0
    for engine in chosen.engines.split(","):
        with ground(engine, chosen.folder, chosen.signatures) as here:
            for name in wanted:
                for one in known[name](here):
                    print(*lines(engine, [one]), sep="\n", flush=True)
                    missed += not one.holds
    print(f"{time.perf_counter() - begun:.0f} s; {missed} beyond their limit; load {os.getloadavg()[0]:.1f} at the end")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
