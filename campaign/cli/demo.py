"""`flask demo …`: invented people, on an empty site or in bulk. Refused in production."""

import shutil
from dataclasses import replace

import click
from flask.cli import AppGroup
from sqlalchemy import select

from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import find_campaign
from campaign.cli.seed import staff, texts
from campaign.cli.seed.bulk import write_in_bulk
from campaign.cli.seed.plan import make_plan
from campaign.cli.seed.sandbox import SandboxRefused, import_gifts
from campaign.cli.seed.writing import write
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.settings import ROOT, Settings, current_settings

DEMO_PASSWORD = staff.PASSWORD
DEMO_LOGINS: list[tuple[str, str]] = staff.LOGINS

commands = AppGroup("demo", help="The demo's content.")


@commands.command()
def seed() -> None:
    """Fill an empty site with the demo's campaigns, people, signatures and gifts."""
    seed_demo(current_settings())
    click.echo(f"The demo is there. Staff sign in with the password: {DEMO_PASSWORD}")


@commands.command()
@click.argument("slug")
@click.option("--signatures", "count", type=click.IntRange(1, 10_000_000), required=True, help="how many to add")
def bulk(slug: str, count: int) -> None:
    """Add invented signatures to campaign SLUG, a million in a minute or two, to see how the site does with them."""
    settings = current_settings()
    if settings.is_production:
        raise click.ClickException("These people are invented, so they are not added in production.")
    campaign = find_campaign(db.session(), slug)
    if campaign is None:
        raise click.ClickException(f"There is no campaign {slug}.")
    with transaction() as session:
        write_in_bulk(session, campaign, count, settings, clock.now())
    click.echo(f"{count} signatures were added to {slug}.")


def seed_demo(settings: Settings) -> None:
    """Write the whole demo in one transaction. Raises ClickException in production and where there are campaigns.

    Gifts belong into two books, ours and the sandbox's. So they are made only where a sandbox answers at Stripe's
    address, and it is told first: a run that ends in between can be repeated.
    """
    if settings.is_production:
        raise click.ClickException("The demo is made of invented people, so it is not seeded in production.")
    if db.session.scalar(select(Campaign.id).limit(1)) is not None:
        raise click.ClickException("There are campaigns already. The demo is seeded into an empty site only.")
    db.session.rollback()
    now = clock.now()
    parts = make_plan(settings, now)
    try:
        told = import_gifts(
            [gift.at_stripe for part in parts for gift in part.gifts if gift.at_stripe], settings.stripe_api
        )
    except SandboxRefused as error:
        raise click.ClickException(f"The Stripe sandbox does not take the demo's gifts: {error}") from None
    if not told:
        click.echo(f"No Stripe sandbox answers at {settings.stripe_api}, so the demo has no gifts.", err=True)
        parts = [replace(part, gifts=[]) for part in parts]
    _copy_picture(settings)
    with transaction() as session:
        write(session, parts, now)


def _copy_picture(settings: Settings) -> None:
    folder = settings.storage / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "static" / "img" / "welcome.svg", folder / texts.PICTURE)
