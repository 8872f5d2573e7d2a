"""What a random walk believes of signatures, in plain Python: where each stands, and what may still become of it."""

from collections import Counter
from dataclasses import dataclass, field

from campaign.petitions.models import SignatureState


@dataclass
class Decided:
    """A decision that can be undone: how each person stood before, for those whom nobody touched since."""

    id: int
    before: dict[int, tuple[SignatureState, SignatureState | None]]
    is_undone: bool = False


@dataclass
class InBulk:
    """An invalidation: whom the preview found and nobody touched since; then whether it ran, and was restored."""

    id: int
    untouched: set[int]
    stage: str = "ready"


@dataclass
class Beliefs:
    """By person: `model` is where the signature stands, `before` where restoring would lead, `taken` which invalidation
    in bulk took it out last. `happened` counts what was done to how many.
    """

    happened: Counter[str]
    model: dict[int, SignatureState] = field(default_factory=dict)
    before: dict[int, SignatureState] = field(default_factory=dict)
    taken: dict[int, int | None] = field(default_factory=dict)
    decided: list[Decided] = field(default_factory=list)
    in_bulk: list[InBulk] = field(default_factory=list)

    def touch(self, people: set[int], what: str) -> None:
        """They changed: what was decided or previewed about them before is about something else."""
        self.happened[what] += len(people)
        for decided in self.decided:
            decided.before = {person: how for person, how in decided.before.items() if person not in people}
        for bulk in self.in_bulk:
            bulk.untouched -= people

    def move(self, person: int, target: SignatureState | None) -> None:
        """To a state; with None back to where an invalidated one came from."""
        before = self.model[person]
        self.model[person] = target or self.before.pop(person)
        if target is SignatureState.INVALIDATED:
            self.before[person] = before

    def bulk(self, stage: str, which: int) -> InBulk:
        """One of the invalidations that have come so far."""
        there = [bulk for bulk in self.in_bulk if bulk.stage == stage]
        return there[which % len(there)]
