"""What a call of the API is, and how most are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from campaign.sandbox.errors import missing
from campaign.sandbox.lists import list_shape, page
from campaign.sandbox.params import Field, ListOf, Shape, Text
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

Act = Callable[[World, dict[str, Any], dict[str, str]], Obj]
EXPAND: dict[str, Field] = {"expand": ListOf(Text())}
EXPAND_ONLY = Shape(EXPAND)


@dataclass(frozen=True)
class Operation:
    """One call: ``act(world, parameters, ids from the path)`` gives a stored object or a list."""

    method: str
    path: str
    shape: Shape
    act: Act


@dataclass(frozen=True)
class Resource:
    """A kind of object that can be retrieved and listed.

    A filter compares the field of that name, or the one that ``paths`` gives.
    """

    path: str
    kind: str
    filters: dict[str, Field]
    paths: Mapping[str, str] = field(default_factory=dict)

    def operations(self) -> list[Operation]:
        """Retrieve and list."""
        return [
            Operation("GET", f"{self.path}/<id>", EXPAND_ONLY, self._retrieve),
            Operation("GET", self.path, list_shape(self.filters), self._list),
        ]

    def _retrieve(self, world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
        return get(world, self.kind, ids["id"])

    def _list(self, world: World, given: dict[str, Any], ids: dict[str, str]) -> Obj:
        conditions = [
            (f"json_extract(body, '$.{self.paths.get(name, name)}') = ?", given[name])
            for name in self.filters
            if name in given
        ]
        return page(world, self.kind, given, self.path, conditions)


def get(world: World, kind: str, object_id: str) -> Obj:
    """The object, or ApiError 404."""
    found = world.store.find(object_id, kind)
    if not found:
        raise missing(kind, object_id)
    return found
