"""`flask worker`: runs the background jobs."""

import socket

import click
from flask import current_app
from flask.cli import with_appcontext

from campaign.mail.transport import COMMAND_TIMEOUT
from campaign.settings import current_settings
from campaign.worker.timetable import run_forever, run_once


@click.command()
@click.option("--once", is_flag=True, help="run every job one time and stop")
@with_appcontext
def worker(once: bool) -> None:
    """Send mail, settle payments, fold counts, make exports."""
    # Flask-Mail sets no time-out of its own; Stripe and the database bring theirs.
    socket.setdefaulttimeout(COMMAND_TIMEOUT.total_seconds())
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if once:
        click.echo(f"{run_once(app, current_settings())} done")
    else:
        run_forever(app, current_settings())
