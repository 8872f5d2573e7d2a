"""`flask serve`: the web server of production, in the foreground."""

import os
import shutil
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from campaign.settings import Settings, current_settings


@click.command()
@with_appcontext
def serve() -> None:
    """Run the web server in the foreground."""
    command = serve_command(current_settings())
    os.execv(command[0], command)  # noqa: S606 - signals then reach the server itself


def serve_command(settings: Settings) -> list[str]:
    """gunicorn's command line. No access log: paths of mailed links are secrets."""
    return [
        beside_python("gunicorn"),
        f"--bind={settings.host}:{settings.port}",
        f"--workers={settings.web_processes}",
        "--worker-class=gthread",
        f"--threads={settings.web_threads}",
        "--graceful-timeout=10",
        "--keep-alive=5",
        "--log-level=warning",
        # Forwarded headers are believed as TRUSTED_PROXIES says, by the application alone.
        "--forwarded-allow-ips=",
        "--forwarder-headers=",
        "--no-control-socket",
        "wsgi:app",
    ]


def beside_python(name: str) -> str:
    """A command of the same environment as this interpreter."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or name
