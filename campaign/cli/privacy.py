"""`flask privacy …`: forget what is due, say what was forgotten, and do erasures again after a restore."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.database import db
from campaign.privacy import retention
from campaign.settings import current_settings
from campaign.worker.ledger import replay_ledger, write_ledger
from campaign.worker.retention import forget

commands = AppGroup("privacy", help="Retention, and erasures after a restore.")


@commands.command("retention")
@click.option("--dry-run", is_flag=True, help="only count what would be forgotten")
def run_retention(dry_run: bool) -> None:
    """Forget everything that is due now. Stopped halfway, it goes on when it is run again."""
    campaigns = db.session.scalars(select(Campaign).order_by(Campaign.slug)).all()
    due = retention.list_due(db.session(), campaigns, now=clock.now(), most=None)
    for one in due:
        click.echo(f"{one.campaign.slug}: {one.count} {one.step.replace('_', ' ')}")
    if not due:
        click.echo("Nothing is due.")
    if dry_run:
        return
    db.session.rollback()
    done = 0
    while step := forget():
        done += step
    click.echo(f"{done} forgotten")


@commands.command()
@click.option("--campaign", "slug", default=None, help="of this campaign alone (its slug)")
def report(slug: str | None) -> None:
    """Say what was forgotten on the latest days."""
    campaigns = {one.id: one.slug for one in db.session.scalars(select(Campaign))}
    if slug is not None and slug not in campaigns.values():
        raise click.ClickException(f"There is no campaign {slug}.")
    wanted = next((key for key, value in campaigns.items() if value == slug), None)
    rows = retention.list_reports(db.session(), campaign_id=wanted)
    for row in rows:
        click.echo(f"{row.day} {campaigns[row.campaign_id]}: {row.forgotten} {row.step.replace('_', ' ')}")
    if not rows:
        click.echo("Nothing was forgotten yet.")


@commands.command()
def replay() -> None:
    """After a restore: erase, withdraw and unsubscribe again whoever did so since the backup was made."""
    folder = current_settings().ledger
    if not folder.is_dir():
        raise click.ClickException(f"There is no ledger of erasures at {folder}. Set ERASURE_LEDGER_DIR.")
    click.echo(f"{replay_ledger(folder)} done again")


@commands.command()
def ledger() -> None:
    """Write what was erased into the ledger now; a worker does it each second."""
    written = 0
    while step := write_ledger(current_settings().ledger):
        written += step
    click.echo(f"{written} written to {current_settings().ledger}")
