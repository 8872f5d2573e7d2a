"""kill -9 of the worker in the middle of an invalidation and of its way back: each goes on and ends with exact numbers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask_migrate import upgrade

from campaign.app import create_app
from campaign.core import clock
from campaign.petitions.invalidation.jobs import LEASE
from campaign.petitions.models import Invalidation, InvalidationState, RemovalReason, SignatureState
from tests.conftest import ENGINES, make_database, make_settings, opened
from tests.factories import make_campaign
from tests.integration.petitions.invalidation.conftest import NETWORK, Run, preview, sign_in_bulk, states, told
from tests.processes import Program, beside_python, running, wait_until

OTHERS = 200


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_worker_is_followed_by_one_that_goes_on(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    live_through(6_000, kills=1, engine=engine, request=request, folder=tmp_path)


def live_through(rows: int, kills: int, engine: str, request: pytest.FixtureRequest, folder: Path) -> None:
    """Take out and give back so many signatures while workers are killed."""
    database = make_database(engine, folder, request, f"killed_{engine}_{rows}")
    with opened(create_app(make_settings(folder, database))):
        upgrade()
        campaign = make_campaign()
        # Signed now, or the worker's retention would forget the network meanwhile.
        sign_in_bulk(campaign, rows, network_hash=NETWORK, created_at=clock.now())
        sign_in_bulk(campaign, OTHERS)
        run = preview(campaign, network_hash=NETWORK)
        run.start()
        worker = Worker(folder, database, kills)
        worker.work(run, lambda row: row.took, InvalidationState.DONE)
        assert (run.row.took, run.row.expected) == (rows, rows)
        assert states(campaign) == {SignatureState.CONFIRMED: OTHERS, SignatureState.INVALIDATED: rows}
        run.restore()
        worker.work(run, lambda row: row.gave_back, InvalidationState.RESTORED)
        assert (run.row.gave_back, run.row.left) == (rows, {})
        assert states(campaign) == {SignatureState.CONFIRMED: OTHERS + rows}
        assert told(campaign) == {RemovalReason.BOTS: (rows, rows)}


class Worker:
    """A worker process of one database, killed and followed by another."""

    def __init__(self, folder: Path, database: str, kills: int) -> None:
        self.folder, self.kills = folder, kills
        self.starts = 0
        self.variables = {
            "CAMPAIGN_ENV": "test", "INSTANCE_DIR": str(folder), "DATABASE_URL": database,
            "STRIPE_API_BASE": "http://127.0.0.1:9", "HASH_KEY": "test-hash-key-" + "x" * 32,
            "SECRET_KEY": "test-secret-key-" + "x" * 32,
        }  # fmt: skip

    def work(self, run: Run, done: Callable[[Invalidation], int], end: InvalidationState) -> None:
        """Kill workers while they are at it, each further on than the last, until one may come to the end."""
        for _ in range(self.kills):
            before = done(run.row)
            with running(worker := self._next()):
                wait_until(lambda before=before: done(run.row) > before, "a batch is done")  # type: ignore[misc]
                worker.kill()
            assert run.row.state is not end, "it was killed before the end"
        with running(self._next()):
            wait_until(lambda: run.row.state is end, f"it is {end}", 120)

    def _next(self) -> Program:
        """Its clock is ahead of the last one's, so that it need not wait for the lease of the one that was killed."""
        self.starts += 1
        ahead = int(LEASE.total_seconds() + 1) * self.starts
        return Program(
            beside_python("flask"), "--app", "wsgi", "worker", log=self.folder / "worker.log",
            CLOCK_OFFSET=str(ahead), **self.variables,
        )  # fmt: skip
