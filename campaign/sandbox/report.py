"""What the sandbox holds, in counts and sums, so that a test can compare ledgers."""

from typing import Any

from campaign.sandbox import deliveries
from campaign.sandbox.world import World

# SQL here is a fixed text each; amounts are summed by SQLite as 64-bit integers.
_SUMS = """
SELECT json_extract(body, '$.currency'), count(*),
       sum(json_extract(body, '$.amount')), sum(json_extract(body, '$.amount_refunded'))
FROM objects
WHERE kind = 'charge' AND json_extract(body, '$.status') = 'succeeded'
GROUP BY 1 ORDER BY 1
"""
_FEES = """
SELECT json_extract(body, '$.currency'),
       sum(json_extract(body, '$.fee')), sum(json_extract(body, '$.net'))
FROM objects WHERE kind = 'balance_transaction' GROUP BY 1
"""
# What disputes took and have not given back.
_DISPUTED = """
SELECT json_extract(body, '$.currency'), -sum(json_extract(body, '$.amount'))
FROM objects WHERE kind = 'balance_transaction' AND json_extract(body, '$.type') = 'adjustment' GROUP BY 1
"""
_SESSIONS = """
SELECT json_extract(body, '$.status'), count(*)
FROM objects WHERE kind = 'checkout.session' GROUP BY 1
"""


def state(world: World) -> dict[str, Any]:
    """Counts per kind and status, sums per currency in minor units, queue, faults, clock."""
    counts = dict(_rows(world, "SELECT kind, count(*) FROM objects GROUP BY kind"))
    disputed = dict(_rows(world, _DISPUTED))
    fees = {currency: (fee, net) for currency, fee, net in _rows(world, _FEES)}
    sums = {
        currency: {
            "charges": charges,
            "gross": gross,
            "refunded": refunded,
            "disputed": disputed.get(currency, 0),
            "fees": fees.get(currency, (0, 0))[0],
            "net": fees.get(currency, (0, 0))[1],
        }
        for currency, charges, gross, refunded in _rows(world, _SUMS)
    }
    queue = dict(_rows(world, "SELECT state, count(*) FROM deliveries GROUP BY state"))
    faults = _rows(world, "SELECT match, kind, seconds, times FROM faults ORDER BY seq")
    names = ("pending", "held", "dropped", "delivered", "failed")
    return {
        "now": world.now(),
        "clock_offset": world.offset(),
        "counts": counts,
        "sessions": {"open": 0, "complete": 0, "expired": 0, **dict(_rows(world, _SESSIONS))},
        "sums": sums,
        "webhooks": {**deliveries.current_mode(world), **{n: queue.get(n, 0) for n in names}},
        "faults": [
            {"match": match, "kind": kind, "seconds": seconds, "times": times} for match, kind, seconds, times in faults
        ],
    }


def recent(world: World, limit: int = 12) -> list[dict[str, Any]]:
    """The latest deliveries, newest first, for the control page."""
    rows = _rows(
        world,
        "SELECT event, type, state, tries, answer FROM deliveries ORDER BY seq DESC LIMIT ?",
        (limit,),
    )
    names = ("event", "type", "state", "tries", "answer")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _rows(world: World, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    return world.store.execute(sql, values).fetchall()
