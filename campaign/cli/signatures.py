"""`flask signatures …`: lists for people at the machine, and the count held against the rows."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import find_campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions import tally
from campaign.petitions.export import Selection, write_csv, write_json
from campaign.petitions.models import SignatureState

WRITERS = {"csv": write_csv, "json": write_json}

commands = AppGroup("signatures", help="Signatures: export, recount.")


def _campaign(slug: str) -> Campaign:
    found = find_campaign(db.session(), slug)
    if found is None:
        raise click.ClickException(f"There is no campaign {slug}.")
    return found


@commands.command()
@click.argument("slug")
@click.option("--format", "kind", type=click.Choice(list(WRITERS)), required=True, help="what to write")
@click.option(
    "--state", type=click.Choice([state.value for state in SignatureState]), default=SignatureState.CONFIRMED.value,
    show_default=True,
)  # fmt: skip
@click.option("--include-addresses", is_flag=True, help="with email addresses and postcodes")
@click.option("--output", type=click.Path(dir_okay=False, allow_dash=True), default="-", help="a file, or - (default)")
def export(slug: str, kind: str, state: str, include_addresses: bool, output: str) -> None:
    """Write the signatures of campaign SLUG, in the columns of the staff's export."""
    found = _campaign(slug)
    selection = Selection(campaign_id=found.id, state=SignatureState(state), include_addresses=include_addresses)
    with transaction() as session:  # in the trail before the first byte leaves
        record(
            session, actor="flask signatures export", action="signatures.exported", object_type="campaign",
            object_id=slug, now=clock.now(), campaign_id=found.id, format=kind, include_addresses=include_addresses,
            **selection.filters(),
        )  # fmt: skip
    try:
        with click.open_file(output, "w", encoding="utf-8") as file:
            count = WRITERS[kind](db.session(), selection, file)
    except OSError as error:
        raise click.ClickException(f"{output} could not be written: {error.strerror}.") from None
    click.echo(f"{count} signatures.", err=True)


@commands.command()
@click.argument("slug", required=False)
def recount(slug: str | None) -> None:
    """Count the rows again, of campaign SLUG or of all, and put the tallies right."""
    found = [_campaign(slug)] if slug else list(db.session.scalars(select(Campaign).order_by(Campaign.id)))
    for campaign in found:
        with transaction() as session:
            counted = tally.recount(session, campaign.id)
        for state, (before, rows) in counted.items():
            note = "" if before == rows else f" (was counted as {before})"
            click.echo(f"{campaign.slug} {state.value}: {rows}{note}")
