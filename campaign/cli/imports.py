"""`flask signatures import`: a file of signatures, looked through line by line and then stored."""

import hashlib
import shutil
import sys
import tempfile
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from campaign.admin.import_words import file_sentence, finding_sentence
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import current_demand
from campaign.cli.signatures import campaign_of, commands
from campaign.core import clock
from campaign.core.csv_reading import FileRefused, look
from campaign.core.database import db, transaction
from campaign.core.formatting import country_codes
from campaign.core.identifiers import new_public_id
from campaign.petitions.imports import jobs
from campaign.petitions.imports.checking import Check
from campaign.petitions.imports.columns import WANTED
from campaign.petitions.imports.jobs import ImportFields, NotPublic, Upload
from campaign.petitions.imports.notebook import Notebook, read_findings
from campaign.petitions.imports.rows import Rules
from campaign.petitions.models import Origin, SignatureImport
from campaign.settings import Settings, current_settings
from campaign.worker.imports import NotWanted, work_on

SLICE_SECONDS = 10.0
ACTOR = "flask signatures import"


@commands.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="only say what is wrong, line by line; store nothing")
@click.option("--origin", type=click.Choice(["partner", "paper"]), default="partner", show_default=True)
@click.option("--source", default="", help="who collected them, or where; readers see it (default: the file's name)")
@click.option(
    "--collected-on", type=click.DateTime(["%Y-%m-%d"]), help="up to when (default: the day the file was last changed)"
)
@click.option("--country", default="", help="ISO 3166-1 code for lines that name none (default: the campaign's)")
@click.option("--encoding", default="", help="how the file is written, like cp1250 (default: find out)")
@click.option("--consent", default="", help="what people agreed to, word for word (default: as the file says)")
def import_(
    slug: str, *, file: Path, dry_run: bool, origin: str, source: str, collected_on: datetime | None, country: str,
    encoding: str, consent: str,
) -> None:  # fmt: skip
    """Store the signatures in FILE for campaign SLUG, as confirmed ones that are marked as imported.

    FILE is CSV; its first line names the columns. Needed are name (or first_name and last_name), email and consent,
    which says "yes" on each line. Lines that cannot be stored are named with why, and left out. The same file again
    stores nothing twice.
    """
    if country and country.upper() not in country_codes():
        raise click.ClickException(f"{country} is not a country code; write one like GB.")
    settings = current_settings()
    try:
        campaign = campaign_of(slug)
        fields = ImportFields(
            demand_id=current_demand(db.session(), campaign.id).id,
            origin=Origin(origin),
            source=source or file.stem,
            collected_on=_believable(collected_on.date() if collected_on else _changed_on(file, settings), campaign),
            consent=consent or "As the consent column of the file says.",
            country=country.upper() or campaign.country,
            encoding=encoding,
        )
        if dry_run:
            _try(file, campaign, fields, settings)
        else:
            _store(file, campaign, fields, settings)
    except FileRefused as refused:
        raise click.ClickException(str(file_sentence(refused.problem, refused.columns))) from None
    except NotPublic as early:
        raise click.ClickException(str(early)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror}.") from None
    except SQLAlchemyError as error:
        name = type(getattr(error, "orig", None) or error).__name__
        raise click.ClickException(
            f"The database failed ({name}). What has been stored stays; the same command again stores nobody twice."
        ) from None


def _believable(day: date, campaign: Campaign) -> date:
    earliest = jobs.earliest_day(campaign)
    if day < earliest:
        raise click.ClickException(f"Nobody signed on {day}; say with --collected-on when, on {earliest} or later.")
    return day


def _changed_on(file: Path, settings: Settings) -> date:
    changed = datetime.fromtimestamp(file.stat().st_mtime, settings.zone).date()
    return min(changed, _today(settings))


def _today(settings: Settings) -> date:
    return clock.now().astimezone(settings.zone).date()


def _try(file: Path, campaign: Campaign, fields: ImportFields, settings: Settings) -> None:
    """Look the file through where it is; nothing of it is kept."""
    shape = look(file, WANTED, fields.encoding)
    rules = Rules(
        header=shape.header, country=fields.country, collected_on=fields.collected_on,
        earliest=jobs.earliest_day(campaign), today=_today(settings), hash_key=settings.hash_key,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "findings"
        with Notebook(path) as notebook:
            check = Check(file, shape, rules, notebook, campaign.id)
            while check.step(db.session()):
                db.session.rollback()
                _progress(f"{notebook.done} lines looked at")
            notebook.close_book()
        _tell(path)
        left_out = notebook.done - notebook.good
        click.echo(f"{notebook.done} rows: {notebook.good} would be imported, {left_out} left out.")


def _store(file: Path, campaign: Campaign, fields: ImportFields, settings: Settings) -> None:
    """The admin's way, with both steps at once: an import of its own, in the trail, taken up by a worker if we die."""
    public_id = new_public_id()
    path = jobs.rows_path(settings.storage, public_id)
    path.parent.mkdir(parents=True, mode=0o700)
    shutil.copyfile(file, path)
    with path.open("rb") as copied:
        upload = Upload(file.name[:100], path.stat().st_size, hashlib.file_digest(copied, "sha256").hexdigest())
    try:
        look(path, WANTED, fields.encoding)
        with transaction() as session:
            job = jobs.request_import(
                session, campaign, fields, upload, public_id=public_id, actor=ACTOR, now=clock.now(), taken=True
            )
    except Exception:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    try:
        _finish(job, settings, "looked at")
        _tell(jobs.notebook_path(settings.storage, public_id))
        with transaction() as session:
            jobs.start(session, job, actor=ACTOR, now=clock.now(), taken=True)
        job = _reread(job)
        _finish(job, settings, "done")
    except NotWanted:
        raise click.ClickException("The import was stopped, or a worker has taken it up.") from None
    job = _reread(job)
    left_out = (job.rows_total or 0) - job.rows_imported
    click.echo(f"{job.rows_total} rows: {job.rows_imported} imported, {left_out} left out.")


def _finish(job: SignatureImport, settings: Settings, verb: str) -> None:
    """Work on it to the end of this step, and show meanwhile how far it is."""
    while not work_on(job, settings, seconds=SLICE_SECONDS):
        now = _reread(job)
        _progress(f"{now.rows_done} lines {verb}")


def _reread(job: SignatureImport) -> SignatureImport:
    db.session.rollback()
    fresh = jobs.get_import(db.session(), job.campaign_id, job.public_id)
    db.session.expunge(fresh)
    return fresh


def _tell(path: Path) -> None:
    """Each finding on a line of its own, and how many of each kind there are."""
    counts: Counter[str] = Counter()
    for _number, finding in read_findings(path):
        counts[finding.kind.value] += 1
        click.echo(f"line {finding.line}: {finding_sentence(finding)}")
    for kind, count in counts.most_common():
        click.echo(f"{count} {kind}", err=True)


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{words}", err=True, nl=False)
