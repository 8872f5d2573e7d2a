"""A job with a cap goes on at its own pace, however much is due, and is not held up when it is told to stop."""

import threading
import time

from flask import Flask

from campaign.settings import Settings
from campaign.worker.timetable import EVENTS_A_SECOND, Job, make_jobs, run_job


def test_a_capped_job_does_no_more_than_so_much_a_second(app: Flask) -> None:
    steps = iter([10, 10, 10, 0])
    begun = time.monotonic()
    assert run_job(app, Job("drain", lambda: next(steps), 1, most_a_second=100), threading.Event()) == 30
    assert time.monotonic() - begun >= 0.3


def test_the_time_that_the_work_took_counts() -> None:
    job = Job("drain", lambda: 0, 1, most_a_second=100)
    assert (job.pause_after(10, 0.04), job.pause_after(10, 5)) == (0.1 - 0.04, 0)
    assert Job("mail", lambda: 0, 1).pause_after(10, 0) == 0


def test_a_job_at_rest_is_stopped_at_once(app: Flask) -> None:
    stopped = threading.Event()

    def step() -> int:
        stopped.set()
        return 10

    assert run_job(app, Job("drain", step, 1, most_a_second=0.001), stopped) == 10


def test_events_of_stripe_are_capped(app: Flask, settings: Settings) -> None:
    caps = {job.name: job.most_a_second for job in make_jobs(app, settings)}
    assert caps["stripe events"] == EVENTS_A_SECOND
