"""`make bench`: measures and prints a table; ends with 1 where a figure passes its limit."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench import exports, pages, webhooks
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


# What is measured on a fresh database of its own, for so many seconds.
APART: dict[str, Callable[[str, int], Iterable[Measured]]] = {"webhooks": webhooks.figures}


def main() -> int:
    known = [*parts(), *APART]
    arguments = argparse.ArgumentParser(prog="bench")
    arguments.add_argument("--only", default="", help=f"some of {', '.join(known)}, separated by commas")
    arguments.add_argument("--engines", default=",".join(ENGINES))
    arguments.add_argument("--signatures", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path, default=ROOT / "instance" / "bench", help="where databases are kept")
    arguments.add_argument("--seconds", type=int, default=120, help="how long the storm of webhooks lasts")
    chosen = arguments.parse_args()
    chosen.only = [name for name in chosen.only.split(",") if name] or known
    if unknown := set(chosen.only) - set(known):
        arguments.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    begun, missed = time.perf_counter(), 0
    for engine in chosen.engines.split(","):
        for one in measured(engine, chosen):
            print(*lines(engine, [one]), sep="\n", flush=True)
            missed += not one.holds
    print(f"{time.perf_counter() - begun:.0f} s; {missed} beyond their limit; load {os.getloadavg()[0]:.1f} at the end")
    return 1 if missed else 0


def measured(engine: str, chosen: argparse.Namespace) -> Iterator[Measured]:
    """The chosen figures on one engine. The ground is made only where one of them stands on it."""
    on_ground = [part for name, part in parts().items() if name in chosen.only]
    if on_ground:
        with ground(engine, chosen.folder, chosen.signatures) as here:
            for part in on_ground:
                yield from part(here)
    for name in [name for name in APART if name in chosen.only]:
        yield from APART[name](engine, chosen.seconds)


if __name__ == "__main__":
    sys.exit(main())
