"""Lists: filters, pages by cursor, newest first (docs.stripe.com/api/pagination)."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaign.sandbox.errors import missing
from campaign.sandbox.params import Field, ListOf, Shape, Text, TimeRange, Whole
from campaign.sandbox.shapes import list_of
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World

_DEFAULT_LIMIT = 10
PAGING: Mapping[str, Field] = {
    "created": TimeRange(),
    "ending_before": Text(),
    "expand": ListOf(Text()),
    "limit": Whole(1, 100),
    "starting_after": Text(),
}


def list_shape(filters: Mapping[str, Field]) -> Shape:
    """The parameters of a list call with these filters besides paging."""
    return Shape({**PAGING, **filters})


def page(
    world: World,
    kind: str,
    given: dict[str, Any],
    url: str,
    conditions: Sequence[tuple[str, Any]] = (),
) -> Obj:
    """One page of a kind of object.

    ``conditions`` are SQL conditions with one value each; ``given`` holds the checked paging
    parameters. Raises ApiError for a cursor that is not there.
    """
    clauses = [clause for clause, _ in conditions]
    values = [value for _, value in conditions]
    for sign, bound in given.get("created", []):
        clauses.append(f"created {sign} ?")
        values.append(bound)
    limit = given.get("limit", _DEFAULT_LIMIT)
    backwards = "ending_before" in given
    for cursor, sign in (("starting_after", "<"), ("ending_before", ">")):
        if cursor in given:
            clauses.append(f"(created, seq) {sign} (?, ?)")
            values.extend(_position(world, kind, given[cursor], cursor))
    order = "created, seq" if backwards else "created DESC, seq DESC"
    where = " AND ".join(clauses) or "1"
    found = world.store.select(kind, where, values, order=order, limit=limit + 1)
    items = found[:limit]
    if backwards:
        items.reverse()
    return list_of(items, url, has_more=len(found) > limit)


def _position(world: World, kind: str, object_id: str, cursor: str) -> tuple[int, int]:
    row = world.store.execute(
        "SELECT created, seq FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
    ).fetchone()
    if row is None:
        raise missing(kind, object_id, status=400, param=cursor)
    return int(row[0]), int(row[1])
