"""Importing signatures from a file: brought in with what people agreed to, looked through line by line, then stored."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import Field, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.fields import PastDayField
from campaign.admin.forms import StaffForm, language
from campaign.admin.import_words import error_sentence, finding_sentence, kind_sentence
from campaign.campaigns.queries import list_demands
from campaign.core import clock
from campaign.core.csv_reading import ENCODINGS, FileRefused, glance, look
from campaign.core.csv_writing import quoting_writer
from campaign.core.database import db, transaction
from campaign.core.errors import Closed, NotFound
from campaign.core.formatting import countries
from campaign.core.http.fields import BlockField, CountryField, LineField
from campaign.core.http.uploads import keep, takes_file
from campaign.core.identifiers import new_public_id
from campaign.core.paging import parse_cursor
from campaign.core.text import TextRefused, clean_line
from campaign.petitions.imports import jobs
from campaign.petitions.imports.columns import WANTED, Column
from campaign.petitions.imports.jobs import ImportFields, NotPublic, NotWaiting, Upload
from campaign.petitions.imports.notebook import read_findings
from campaign.petitions.imports.rows import Kind
from campaign.petitions.models import ImportState, Origin, SignatureImport
from campaign.settings import current_settings

MOST_BYTES = 64 * 1024 * 1024
FINDINGS_A_PAGE = 100
ELSEWHERE = (Origin.PARTNER.value, Origin.PAPER.value)


class ImportForm(StaffForm):
    """A file, and what is said about it."""

    file = FileField()
    origin = SelectField(validate_choice=False, default=Origin.PARTNER.value)
    source = LineField(longest=200, needed=lazy_gettext("Write who collected them, or where."))
    collected_on = PastDayField(needed=lazy_gettext("Enter the day up to which they were collected."))
    consent = BlockField(longest=5_000, needed=lazy_gettext("Write what people agreed to, word for word."))
    country = CountryField()
    version = SelectField(validate_choice=False)
    encoding = SelectField(validate_choice=False, default="")

    def __init__(self) -> None:
        super().__init__()
        self.country.choices = [("", _("Leave such rows out")), *countries(language())]
        self.encoding.choices = [("", _("Find out")), ("utf-8", "UTF-8"), *((name, name) for name in ENCODINGS)]
        self.country.data = current_campaign().country if self.country.data is None else self.country.data
        self.demands = {str(demand.version): demand for demand in list_demands(db.session(), current_campaign().id)}
        self.version.choices = [(number, _("Version %(number)s", number=number)) for number in self.demands]
        self.version.data = self.version.data or next(iter(self.demands))

    def validate_file(self, field: Field) -> None:
        """There is one."""
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))

    def validate_origin(self, field: Field) -> None:
        """Anywhere but here."""
        if field.data not in ELSEWHERE:
            raise ValidationError(_("Choose paper or a partner."))

    def validate_collected_on(self, field: Field) -> None:
        """Not so long ago that the year must be mistyped."""
        if field.data and field.data < jobs.earliest_day(current_campaign()):
            raise ValidationError(_("Enter a day that is at most two years before the campaign was published."))

    def validate_version(self, field: Field) -> None:
        """A wording of this campaign's demand."""
        if field.data not in self.demands:
            raise ValidationError(_("Choose a version from the list."))

    def validate_encoding(self, field: Field) -> None:
        """One of the list, or none."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Choose an encoding from the list."))

    def to_fields(self) -> ImportFields:
        """What the room takes; only after the form was found good."""
        return ImportFields(
            demand_id=self.demands[self.version.data].id,
            origin=Origin(self.origin.data),
            source=self.source.data,
            collected_on=self.collected_on.data,
            consent=self.consent.data,
            country=self.country.data,
            encoding=self.encoding.data,
        )


@bp.route("/campaigns/<slug>/imports", methods=["GET", "POST"])
@takes_file(MOST_BYTES)
def imports(slug: str) -> ResponseReturnValue:
    """The imports of the campaign, and the form for another."""
    form = ImportForm()
    if request.method == "GET":
        return _list_page(form)
    if not form.validate():
        return _list_page(form), 422
    try:
        public_id = _take_in(form)
    except NotPublic:
        form.form_errors = [_("Publish the campaign first: people sign a demand that they can read.")]
        return _list_page(form), 422
    flash(_("The file is being looked through. Nothing is stored before you say so."), "success")
    return redirect(url_for("admin.imports_one", slug=slug, public_id=public_id), 303)


def _list_page(form: ImportForm) -> str:
    made = jobs.list_imports(db.session(), current_campaign().id)
    return render_template("admin/imports.html", form=form, imports=made)


def _take_in(form: ImportForm) -> str:
    """Keep the file where workers find it, and note it; gives the import's public id."""
    public_id = new_public_id()
    path = jobs.rows_path(current_settings().storage, public_id)
    try:
        upload = Upload(_file_name(form.file.data.filename), *keep(form.file.data, path))
        with transaction() as session:
            jobs.request_import(
                session, current_campaign(), form.to_fields(), upload, public_id=public_id, actor=actor(),
                now=clock.now(),
            )  # fmt: skip
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    return public_id


def _file_name(typed: str) -> str:
    """The last part of the name, for people to know the file by; nothing is opened by it."""
    try:
        return clean_line(typed.replace("\\", "/").rpartition("/")[2])[:100]
    except TextRefused:
        return ""


@bp.route("/campaigns/<slug>/imports/<public_id>", methods=["GET", "POST"])
def imports_one(slug: str, public_id: str) -> ResponseReturnValue:
    """One import: how far it is, what was found line by line, and the buttons that start or stop it."""
    job = jobs.get_import(db.session(), current_campaign().id, public_id)
    if request.method == "GET":
        return _one_page(job)
    acts = {"start": jobs.start, "cancel": jobs.cancel}
    if request.form.get("action") not in acts:
        abort(422, _("Use one of the buttons on the page."))
    try:
        with transaction() as session:
            acts[request.form["action"]](session, job, actor=actor(), now=clock.now())
    except NotWaiting:
        db.session.rollback()
        job = jobs.get_import(db.session(), current_campaign().id, public_id)
        return _one_page(job, problem=_("The import has gone on meanwhile. This is where it is now.")), 409
    return redirect(url_for("admin.imports_one", slug=slug, public_id=public_id), 303)


def _one_page(job: SignatureImport, **more: Any) -> str:
    after = parse_cursor(request.args.get("after")) or 0
    storage = current_settings().storage
    path = jobs.notebook_path(storage, job.public_id)
    found = list(read_findings(path, after=after, limit=FINDINGS_A_PAGE + 1))
    shown = found[:FINDINGS_A_PAGE]
    here: dict[str, Any] = {"slug": current_campaign().slug, "public_id": job.public_id}
    return render_template(
        "admin/import.html",
        job=job,
        kinds=[(kind_sentence(Kind(kind)), count) for kind, count in sorted(job.findings.items(), key=_most_first)],
        findings=[(finding.line, finding_sentence(finding)) for _number, finding in shown],
        has_findings=path.is_file() and bool(job.findings),
        first_url=url_for("admin.imports_one", **here) if after else None,
        next_url=url_for("admin.imports_one", **here, after=shown[-1][0]) if len(found) > len(shown) else None,
        names=_names_as_read(job, jobs.rows_path(storage, job.public_id)) if job.state is ImportState.CHECKED else [],
        error_words=error_sentence(job.error) if job.error else "",
        **more,
    )


def _names_as_read(job: SignatureImport, path: Path) -> list[str]:
    """A few names of a checked file: in a wrong encoding, an eye sees it at once and a program does not."""
    try:
        shape = look(path, WANTED, job.encoding)
    except (FileRefused, OSError):
        return []
    column = Column.NAME if Column.NAME in shape.header.places else Column.LAST_NAME
    return glance(path, shape, column)


def _most_first(pair: tuple[str, int]) -> int:
    return -pair[1]


@bp.get("/campaigns/<slug>/imports/<public_id>/findings")
def imports_findings(slug: str, public_id: str) -> ResponseReturnValue:
    """All findings as CSV, to mend the file by: lines and sentences, and nothing of the rows themselves."""
    job = jobs.get_import(db.session(), current_campaign().id, public_id)
    path = jobs.notebook_path(current_settings().storage, job.public_id)
    if not job.findings:
        raise NotFound("Nothing was found.")
    if not path.is_file():
        raise Closed(_("What was found has been deleted. Bring the file again."))
    response = Response(stream_with_context(_lines(path)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={slug}-findings-{public_id[:6]}.csv"
    return response


def _lines(path: Path) -> Iterator[str]:
    """The mark first: by it, spreadsheets know UTF-8."""
    yield "\ufeff" + _line("line", "column", "why")
    for _number, finding in read_findings(path):
        yield _line(finding.line, finding.column, finding_sentence(finding))


def _line(*cells: object) -> str:
    output = io.StringIO()
    quoting_writer(output, line_end="\r\n").writerow(cells)
    return output.getvalue()
