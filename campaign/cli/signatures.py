"""`flask signatures …`: lists for people at the machine, and the count held against the rows."""

import shutil
import tempfile
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import find_campaign
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.paper import Style
from campaign.petitions import tally
from campaign.petitions.export.columns import FURTHER, USUAL
from campaign.petitions.export.formats import LISTS, writers
from campaign.petitions.export.selection import Selection
from campaign.petitions.export_jobs import COMMAND_PREFIX, Made, exports_folder
from campaign.petitions.models import ExportFormat, SignatureState
from campaign.reports.organisation import organisation_facts
from campaign.reports.printing import print_style
from campaign.settings import current_settings
from campaign.worker.exports import write_selection

commands = AppGroup("signatures", help="Signatures: export, import, recount.")


def campaign_of(slug: str) -> Campaign:
    """The campaign of that slug. Raises ClickException."""
    found = find_campaign(db.session(), slug)
    if found is None:
        raise click.ClickException(f"There is no campaign {slug}.")
    return found


def _style() -> Style:
    settings = current_settings()
    return print_style(settings, organisation=organisation_facts(db.session(), settings))


@commands.command()
@click.argument("slug")
@click.option(
    "--format", "kind", type=click.Choice([kind.value for kind in LISTS]), required=True, help="what to write"
)
@click.option(
    "--state", type=click.Choice([state.value for state in SignatureState]), default=SignatureState.CONFIRMED.value,
    show_default=True,
)  # fmt: skip
@click.option("--country", default="", help="ISO 3166-1 code of the only country wanted")
@click.option("--source", default="", help="the only article wanted")
@click.option("--also", multiple=True, type=click.Choice(FURTHER), help="a further column; may be repeated")
@click.option("--include-addresses", is_flag=True, help="with email addresses and postcodes")
@click.option("--output", type=click.Path(dir_okay=False, allow_dash=True), default="-", help="a file, or - (default)")
def export(
    slug: str, *, kind: str, state: str, country: str, source: str, also: tuple[str, ...], include_addresses: bool,
    output: str,
) -> None:  # fmt: skip
    """Write the signatures of campaign SLUG, in the columns of the staff's export."""
    selection = Selection(
        campaign_id=campaign_of(slug).id,
        state=SignatureState(state),
        country=country.upper(),
        source=source,
        chosen=(*USUAL, *also),
        include_addresses=include_addresses,
    )
    folder = exports_folder(current_settings().storage)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (
            click.open_file(output, "wb") as target,
            tempfile.TemporaryDirectory(dir=folder, prefix=COMMAND_PREFIX) as own,
        ):
            # A file of our own first: rows and hash stand in the trail before the first byte leaves.
            path = Path(own) / "list"
            made = write_selection(path, selection, writers(_style())[ExportFormat(kind)])
            _record(slug, selection, kind, made)
            with path.open("rb") as written:
                shutil.copyfileobj(written, target)
    except OSError as error:
        raise click.ClickException(f"{output} could not be written: {error.strerror}.") from None
    click.echo(f"{made.rows} signatures.", err=True)


def _record(slug: str, selection: Selection, kind: str, made: Made) -> None:
    with transaction() as session:
        record(
            session, actor="flask signatures export", action="signatures.exported", object_type="campaign",
            object_id=slug, now=clock.now(), campaign_id=selection.campaign_id, format=kind, rows=made.rows,
            sha256=made.sha256, columns=selection.columns, include_addresses=selection.include_addresses,
            **selection.filters(),
        )  # fmt: skip


@commands.command()
@click.argument("slug", required=False)
def recount(slug: str | None) -> None:
    """Count the rows again, of campaign SLUG or of all, and put the tallies right."""
    found = [campaign_of(slug)] if slug else list(db.session.scalars(select(Campaign).order_by(Campaign.id)))
    for campaign in found:
        with transaction() as session:
            counted = tally.recount(session, campaign.id)
        for state, (before, rows) in counted.items():
            note = "" if before == rows else f" (was counted as {before})"
            click.echo(f"{campaign.slug} {state.value}: {rows}{note}")
