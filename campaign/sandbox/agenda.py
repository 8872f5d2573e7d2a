"""What will happen by itself, and when: renewals, retries, late news. Acting on it is in ``happenings.py``."""

from dataclasses import dataclass

from campaign.sandbox.world import World


@dataclass(frozen=True)
class Entry:
    """``act`` is due at ``at`` (unix seconds) for the object with the id ``about``."""

    at: int
    act: str
    about: str


def plan(world: World, at: int, act: str, about: str) -> None:
    """Note that something is due; whether it still makes sense is judged when its time comes."""
    world.store.execute("INSERT INTO agenda (at, act, about) VALUES (?, ?, ?)", (at, act, about))


def forget(world: World, about: str, act: str = "") -> None:
    """Take off what was planned for an object: all of it, or one kind of act."""
    world.store.execute("DELETE FROM agenda WHERE about = ? AND ? IN ('', act)", (about, act))


def take_due(world: World) -> Entry | None:
    """The oldest entry whose time has come, taken off the agenda."""
    row = world.store.execute(
        "SELECT seq, at, act, about FROM agenda WHERE at <= ? ORDER BY at, seq LIMIT 1", (world.now(),)
    ).fetchone()
    if row is None:
        return None
    world.store.execute("DELETE FROM agenda WHERE seq = ?", (row[0],))
    return Entry(*row[1:])


def next_time(world: World, act: str, about: str = "") -> int | None:
    """When an act is due next, for one object or for any."""
    row = world.store.execute("SELECT min(at) FROM agenda WHERE act = ? AND ? IN ('', about)", (act, about)).fetchone()
    return None if row[0] is None else int(row[0])
