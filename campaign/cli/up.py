"""`flask up`: everything that `make run` starts. Migrates, seeds a new demo, then runs web, worker and sandbox."""

import socket
import sys

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.cli.demo import DEMO_LOGINS, DEMO_PASSWORD, seed_demo
from campaign.cli.runner import Process, Runner
from campaign.cli.serve import beside_python, serve_command
from campaign.core.database import db
from campaign.settings import ROOT, Settings, current_settings

START_PATIENCE = 60.0  # seconds


@click.command()
@with_appcontext
def up() -> None:
    """Run web, worker and (in a demo) the Stripe sandbox, until Ctrl-C."""
    settings = current_settings()
    _need_free_port(settings.host, settings.port, "PORT")
    if settings.uses_sandbox:
        _need_free_port("127.0.0.1", settings.stripe_sandbox_port, "SANDBOX_PORT")
    runner = Runner()
    runner.listen()
    upgrade(str(ROOT / "migrations"))
    try:
        if settings.uses_sandbox:
            runner.add(sandbox_process(settings))
        if _wants_seed(settings):
            if settings.uses_sandbox:
                runner.wait_for(f"{settings.stripe_api}/_sandbox/", START_PATIENCE)
            click.echo("First start: making the demo campaigns …")
            seed_demo(settings)
        db.engine.dispose()
        runner.add(web_process(settings))
        runner.add(worker_process())
        if runner.wait_for(f"http://{_reachable(settings.host)}:{settings.port}/readyz", START_PATIENCE):
            _greet(settings)
        status = runner.supervise()
    finally:
        runner.stop()
    sys.exit(status)


def web_process(settings: Settings) -> Process:
    """The web server. No access log: paths of mailed links are secrets."""
    return Process("web", serve_command(settings))


def worker_process() -> Process:
    """One worker."""
    return Process("worker", [beside_python("flask"), "--app", "wsgi", "worker"])


def sandbox_process(settings: Settings) -> Process:
    """Stripe's stand-in, told where our webhook is."""
    return Process(
        "sandbox",
        [sys.executable, "-m", "campaign.sandbox"],
        {
            "SANDBOX_PORT": str(settings.stripe_sandbox_port),
            "SANDBOX_STATE": str(settings.instance_dir / "sandbox.sqlite3"),
            "STRIPE_SECRET_KEY": settings.stripe_secret_key,
            "STRIPE_WEBHOOK_SECRET": ",".join(settings.stripe_webhook_secret),
            "SANDBOX_WEBHOOK_URL": f"http://{_reachable(settings.host)}:{settings.port}/hooks/stripe",
        },
    )


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound


def _wants_seed(settings: Settings) -> bool:
    if settings.campaign_env != "demo" or not settings.demo_seed:
        return False
    seeded = db.session.scalar(select(Campaign.id).limit(1)) is not None
    db.session.rollback()
    return not seeded


def _need_free_port(host: str, port: int, name: str) -> None:
    """Say at once what would otherwise be said by a server that keeps dying."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise click.ClickException(f"Cannot listen on {host}:{port} ({error.strerror}). Set {name}.") from None


def _greet(settings: Settings) -> None:
    lines = ["", f"The campaign platform runs at {settings.address}"]
    if settings.campaign_env == "demo":
        if not settings.mail_server:
            lines.append(f"Demo mailbox:  {settings.address}/sandbox/mailbox")
        lines.append(f"Staff sign-in: {settings.address}/admin/login, password {DEMO_PASSWORD}")
        lines += [f"  {email:<28} {role}" for email, role in DEMO_LOGINS]
        if settings.uses_sandbox:
            lines.append(f"Stripe sandbox: {settings.stripe_api}/_sandbox/, card 4242 4242 4242 4242 pays")
    lines.append("Ctrl-C ends it.")
    click.echo("\n".join(lines) + "\n")
