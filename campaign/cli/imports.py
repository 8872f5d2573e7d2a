"""`flask signatures import`: signatures collected elsewhere, from a CSV file; with `--dry-run` looked through only."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

import click

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.campaigns.queries import find_campaign
from campaign.cli.signatures import commands
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.petitions.imports import checking, reading, storing
from campaign.petitions.imports.checking import Defaults, Finding, Refused, Row, Seen
from campaign.petitions.imports.storing import Provenance
from campaign.petitions.models import Origin, SignatureImport
from campaign.settings import current_settings

BATCH = 500
ACTOR = "flask signatures import"

SENTENCES = {
    Finding.COLUMNS: "it has another number of fields than the first line",
    Finding.UNREADABLE: "it has characters that cannot be read",
    Finding.NAME_MISSING: "the name is missing",
    Finding.NAME_REFUSED: "the name has a link, a sign or a line break in it",
    Finding.NAME_LONG: "the name is longer than 100 characters",
    Finding.ADDRESS_MISSING: "the email address is missing",
    Finding.ADDRESS_REFUSED: "the email address cannot be written to",
    Finding.COUNTRY: "the country is missing, or no ISO code like GB",
    Finding.POSTCODE_LONG: "the postcode is longer than 16 characters",
    Finding.COMMENT_LONG: "the comment is longer than 1,000 characters",
    Finding.CONSENT: "the consent is not “yes”",
    Finding.DAY: "the day is not written like 2026-03-12",
    Finding.DAY_AHEAD: "the day is still to come",
    Finding.TWICE: "the address stands further up in the file",
    Finding.KNOWN: "the address has signed already",
    Finding.WITHDRAWN: "the person has taken the signature back",
}


@dataclass(frozen=True)
class _Job:
    """The file, what is known of it, and where it goes."""

    campaign: Campaign
    file: Path
    layout: reading.Layout
    provenance: Provenance
    defaults: Defaults
    language: str

    def lines(self) -> Iterator[reading.Line]:
        return reading.read_lines(self.file, self.layout)


@dataclass
class _Course:
    """How far the file is."""

    rows: int = 0
    fit: int = 0
    findings: Counter[Finding] = field(default_factory=Counter)

    def tell(self, number: int, finding: Finding) -> None:
        """One row that is left out."""
        self.findings[finding] += 1
        click.echo(f"line {number}: {SENTENCES[finding]}")


@commands.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="say what would happen, and change nothing")
@click.option("--source", default="", help="who collected them, as readers see it; default: the file's name")
@click.option(
    "--origin", type=click.Choice([Origin.PARTNER.value, Origin.PAPER.value]), default=Origin.PARTNER.value,
    show_default=True,
)  # fmt: skip
@click.option("--collected-on", type=click.DateTime(["%Y-%m-%d"]), help="up to which day; default: today")
@click.option("--country", default="", help="ISO code for rows that name none; default: the campaign's")
@click.option("--consent", default="", help="what people agreed to, word for word")
def import_signatures(
    slug: str, file: Path, *, dry_run: bool, source: str, origin: str, collected_on: datetime | None, country: str,
    consent: str,
) -> None:  # fmt: skip
    """Import signatures for campaign SLUG from the CSV FILE.

    Its first line names the columns: name, email and consent, and if you like country, postcode, comment, show_name and
    signed_at (2026-03-12). A row counts once its consent is “yes”. Run it again as often as you like: nobody is
    imported twice.
    """
    settings, campaign = current_settings(), _campaign(slug)
    today = clock.now().astimezone(settings.zone).date()
    provenance = Provenance(
        origin=Origin(origin),
        source=source or file.stem,
        collected_on=collected_on.date() if collected_on else today,
        consent=consent,
        country=country.upper() or campaign.country,
    )
    try:
        layout = reading.read_layout(file)
    except reading.NotATable as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Read as {layout.encoding}, fields separated by {layout.delimiter!r}.", err=True)
    if layout.ignored:
        click.echo(f"Columns left aside: {', '.join(layout.ignored)}.", err=True)
    defaults = Defaults(provenance.country, provenance.collected_on, today, settings.hash_key)
    job = _Job(campaign, file, layout, provenance, defaults, settings.languages[0])
    course = _look_through(job) if dry_run else _store(job)
    done = "would be imported" if dry_run else "imported"
    click.echo(f"{course.rows} rows: {course.fit} {done}, {course.rows - course.fit} left out.")


def _campaign(slug: str) -> Campaign:
    found = find_campaign(db.session(), slug)
    if found is None:
        raise click.ClickException(f"There is no campaign {slug}.")
    return found


def _batches(job: _Job, seen: Seen, course: _Course) -> Iterator[list[Row]]:
    """The rows that are fit by themselves, and whose address comes for the first time, a batch at a time."""
    lines = job.lines()
    while batch := list(islice(lines, BATCH)):
        fit = []
        for line in batch:
            try:
                fit.append(checking.check_line(line, job.defaults))
            except Refused as refused:
                course.tell(line.number, refused.finding)
        first = []
        for row, is_first in zip(fit, seen.first_ones(fit), strict=True):
            if is_first:
                first.append(row)
            else:
                course.tell(row.number, Finding.TWICE)
        course.rows += len(batch)
        yield first
        if course.rows % 50_000 == 0:
            click.echo(f"{course.rows} rows …", err=True)


def _look_through(job: _Job) -> _Course:
    course = _Course()
    with Seen() as seen:
        for rows in _batches(job, seen, course):
            known = storing.known_addresses(db.session(), job.campaign.id, [row.email_key for row in rows])
            db.session.rollback()
            for row in rows:
                if row.email_key in known:
                    course.tell(row.number, known[row.email_key])
                else:
                    course.fit += 1
    return course


def _store(job: _Job) -> _Course:
    course = _Course()
    with job.file.open("rb") as raw:
        sha256 = hashlib.file_digest(raw, "sha256").hexdigest()
    with transaction() as session:
        own = storing.open_record(
            session, job.campaign.id, job.provenance, job.layout, file_name=job.file.name,
            size=job.file.stat().st_size, sha256=sha256, actor=ACTOR, now=clock.now(),
        )  # fmt: skip
    with Seen() as seen:
        for rows in _batches(job, seen, course):
            _store_batch(own, rows, course, job.language)
    with transaction() as session:
        findings = {finding.value: count for finding, count in course.findings.items()}
        storing.finish(session, own, rows=course.rows, findings=findings, now=clock.now())
        record(
            session, actor=ACTOR, action="signatures.imported", object_type="import", object_id=own.public_id,
            now=clock.now(), campaign_id=own.campaign_id, rows=course.rows, imported=course.fit, sha256=sha256,
            source=own.source,
        )  # fmt: skip
    return course


def _store_batch(own: SignatureImport, rows: list[Row], course: _Course, language: str) -> None:
    """One transaction: the rows, their place in the count, and how far the file is."""
    with transaction() as session:
        known = storing.known_addresses(session, own.campaign_id, [row.email_key for row in rows])
        stored = storing.store(session, own, rows, language=language, now=clock.now())
        storing.note_progress(session, own, rows_done=course.rows, imported=len(stored))
    course.fit += len(stored)
    for row in rows:
        if row.email_key not in stored:
            course.tell(row.number, known.get(row.email_key, Finding.KNOWN))
