"""The timetable of the embedded worker: which job runs how often, until the process is told to stop.

Each job takes what is due and returns how much it did; a job that finds a full batch goes on at once. Any number of
workers may run: rows are leased, so none does another's work.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from flask_mail import Mail
from sqlalchemy import select

from campaign.campaigns import schedule, updates
from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations.gateway import Gateway
from campaign.mail.transport import MailboxTransport, SmtpTransport
from campaign.petitions import rollups, tally
from campaign.settings import Settings
from campaign.worker.card_testing import watch_declines
from campaign.worker.digests import send_digests, warn_staff
from campaign.worker.exports import make_exports, sweep
from campaign.worker.goals import watch_goals, watch_thresholds
from campaign.worker.imports import sweep_imports, work_on_imports
from campaign.worker.invalidations import work_on_invalidations
from campaign.worker.ledger import replay_ledger, write_ledger
from campaign.worker.mail_notices import forget_notices
from campaign.worker.mailings import work_on_mailings
from campaign.worker.mails import Postman
from campaign.worker.payments import apply_events
from campaign.worker.pictures import tidy_pictures
from campaign.worker.reconciling import reconcile_due
from campaign.worker.retention import forget, key_gifts
from campaign.worker.stripe_requests import change_gifts, make_refunds
from campaign.worker.surges import mark_surges

log = logging.getLogger(__name__)


# An event costs two or three calls, and Stripe takes a hundred a second; the rest of both is for people who give.
EVENTS_A_SECOND = 25


@dataclass(frozen=True)
class Job:
    """A function that gives how much it did (zero: nothing is due), and the pause between its runs in seconds.

    With a cap it does no more than so much a second, however much is due.
    """

    name: str
    run: Callable[[], int]
    seconds: int
    most_a_second: float | None = None

    def pause_after(self, step: int, seconds: float) -> float:
        """How long to wait after so much was done in so many seconds."""
        return 0.0 if self.most_a_second is None else max(0.0, step / self.most_a_second - seconds)


def fold_tallies() -> int:
    """Fold one batch of count deltas."""
    if not tally.is_anything_to_fold(db.session()):
        return 0
    with transaction() as session:
        return tally.fold(session)


def tidy_rollups() -> int:
    """Delete hours of the statistics that nobody asks for any more; gives how many rows."""
    now, done = clock.now(), 0
    for campaign_id in db.session.scalars(select(Campaign.id)).all():
        if rollups.is_anything_to_tidy(db.session(), campaign_id, now=now):
            with transaction() as session:
                done += rollups.tidy(session, campaign_id, now=now)
    return done


def keep_the_calendar() -> int:
    """Publish the updates and close the campaigns whose time has come."""
    now = clock.now()
    if not updates.is_anything_due(db.session(), now=now) and not schedule.is_anything_due(db.session(), now=now):
        return 0
    with transaction() as session:
        return updates.publish_due(session, now=now) + schedule.close_due(session, now=now)


def make_jobs(app: Flask, settings: Settings) -> list[Job]:
    """All jobs of the worker, for this application."""
    mail = Mail(app)
    transport = SmtpTransport(mail) if settings.mail_server else MailboxTransport(settings.mailbox)
    postman = Postman(settings, transport)
    gateway = Gateway(settings.stripe_secret_key, settings.stripe_api)
    return [
        Job("mail", postman.deliver, 1),
        # Beside the other, with a connection of its own: a confirmation never waits for a mailing.
        Job("mailings", Postman(settings, transport).deliver_bulk, 1),
        Job("lists of mailings", work_on_mailings, 1),
        Job("stripe events", lambda: apply_events(gateway), 1, EVENTS_A_SECOND),
        Job("refunds", lambda: make_refunds(gateway), 1),
        Job("monthly gifts", lambda: change_gifts(gateway), 1),
        Job("reconciling", lambda: reconcile_due(gateway), 10),
        Job("exports", lambda: make_exports(settings.storage), 1),
        Job("files of exports", lambda: sweep(settings.storage), 600),
        Job("invalidations", work_on_invalidations, 1),
        Job("imports", lambda: work_on_imports(settings), 1),
        Job("files of imports", lambda: sweep_imports(settings.storage), 600),
        Job("tallies", fold_tallies, 5),
        Job("goals", watch_goals, 10),
        Job("thresholds", lambda: watch_thresholds(settings), 10),
        Job("surges", mark_surges, 60),
        Job("declined cards", lambda: watch_declines(settings), 5),
        Job("calendar", keep_the_calendar, 10),
        Job("pictures", lambda: tidy_pictures(settings.storage), 3600),
        Job("ledger of erasures", lambda: write_ledger(settings.ledger), 1),
        Job("retention", forget, 600),
        Job("keys of offline gifts", lambda: key_gifts(settings), 600),
        Job("old statistics", tidy_rollups, 600),
        Job("digests", lambda: send_digests(settings), 60),
        Job("warnings", lambda: warn_staff(settings), 300),
        Job("old notices about mail", forget_notices, 600),
    ]


def run_job(app: Flask, job: Job, stopped: threading.Event) -> int:
    """Run a job until nothing is due or the worker is to stop, in an application context of its own.

    A failure is logged and ends the run.
    """
    done = 0
    with app.app_context():
        try:
            begun = time.monotonic()
            while not stopped.is_set() and (step := job.run()):
                done += step
                stopped.wait(job.pause_after(step, time.monotonic() - begun))
                begun = time.monotonic()
        except Exception:
            log.exception("job %s failed; it is tried again at its next turn", job.name)
        finally:
            db.session.remove()
    return done


def run_once(app: Flask, settings: Settings) -> int:
    """Run every job one time each, in order; gives how much was done altogether."""
    return sum(run_job(app, job, threading.Event()) for job in make_jobs(app, settings))


def _replay_first(app: Flask, settings: Settings, told: list[int]) -> None:
    """Hold the database against the ledger before any mail goes out: it may be an older one, from a backup."""
    while not told:
        try:
            with app.app_context():
                if done := replay_ledger(settings.ledger):
                    log.warning("%s erasures that the database did not know of were done again", done)
            return
        except Exception:
            log.exception("the ledger of erasures cannot be read, or the database is away; it is tried again")
            time.sleep(1)


def run_forever(app: Flask, settings: Settings) -> None:
    """Keep to the timetable until SIGTERM or SIGINT; jobs under way are finished first."""
    stopped = threading.Event()
    told: list[int] = []  # by signals: an Event's lock may be held by the very code that a signal interrupts
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: told.append(number))
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    _replay_first(app, settings, told)
    jobs = make_jobs(app, settings)
    options: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(jobs))}, job_defaults=options, timezone="UTC"
    )
    for job in jobs:
        # The timetable keeps real time, whatever the offset of the program's clock.
        scheduler.add_job(
            run_job, "interval", (app, job, stopped), seconds=job.seconds, next_run_time=datetime.now(UTC)
        )
    scheduler.start()
    log.info("worker running")
    while not told:
        time.sleep(0.1)
    stopped.set()
    scheduler.shutdown(wait=True)
