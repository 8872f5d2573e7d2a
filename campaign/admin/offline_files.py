"""Entering offline gifts from a file: looked through line by line first, then entered at once, or taken back."""

import base64
import binascii
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf.file import FileField
from wtforms import Field, HiddenField, SelectField, ValidationError

from campaign.admin.access import actor, current_campaign
from campaign.admin.blueprint import bp
from campaign.admin.forms import StaffForm
from campaign.admin.import_words import file_sentence
from campaign.admin.offline_forms import METHODS
from campaign.admin.offline_words import finding_sentence
from campaign.core import clock
from campaign.core.csv_reading import FileRefused
from campaign.core.database import db, transaction
from campaign.core.errors import DomainError
from campaign.core.http.uploads import takes_file, takes_long_field
from campaign.core.text import TextRefused, clean_line
from campaign.donations import offline_files as files
from campaign.donations.models import OfflineMethod
from campaign.donations.offers import currencies
from campaign.donations.offline_rows import MOST_ROWS, Looked, Rules, TooManyRows
from campaign.settings import current_settings

MOST_BYTES = 300 * 1024
FINDINGS_SHOWN, ROWS_SHOWN = 200, 8
LONGEST_FILE_NAME = 100


class OfflineFileForm(StaffForm):
    """A file, and how gifts came that do not say so themselves."""

    file = FileField()
    method = SelectField(validate_choice=False, default="")

    def validate_file(self, field: Field) -> None:
        """There is one, of a size that is read at once."""
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))
        self.content = field.data.stream.read(MOST_BYTES + 1)
        if len(self.content) > MOST_BYTES:
            raise ValidationError(_("The file is larger than 300 KB. Part it into several."))
        self.file_name = _file_name(field.data.filename)

    def validate_method(self, field: Field) -> None:
        """One of the list, or none."""
        if field.data not in ("", *METHODS):
            raise ValidationError(_("Choose how it was given from the list."))


class OfflineStoreForm(StaffForm):
    """The file as it was looked through: it comes back with the page, and lies nowhere in between."""

    content = HiddenField()
    file_name = HiddenField()
    method = HiddenField()


def _file_name(typed: str) -> str:
    """The last part of the name, for people to know the file by; nothing is opened by it."""
    try:
        return clean_line(typed.replace("\\", "/").rpartition("/")[2])[:LONGEST_FILE_NAME]
    except TextRefused:
        return ""


def _rules(method: str) -> Rules:
    return Rules(
        currencies=currencies(current_campaign()),
        method=OfflineMethod(method) if method in METHODS else None,
        today=clock.now().astimezone(current_settings().zone).date(),
    )


def _problem(error: DomainError) -> str:
    """Why nothing of the file is entered."""
    if isinstance(error, FileRefused):
        return file_sentence(error.problem, error.columns)
    if isinstance(error, TooManyRows):
        return str(_("The file has more than %(num)s lines. Part it into several.", num=MOST_ROWS))
    if isinstance(error, files.FileKnown):
        return str(_("This very file was entered before. If that was wrong, take it back first."))
    return str(_("No line of the file can be entered."))


_REFUSALS = (FileRefused, TooManyRows, files.FileKnown, files.NothingToStore)


@bp.route("/campaigns/<slug>/offline/files", methods=["GET", "POST"])
@takes_file(MOST_BYTES)
def offline_files(slug: str) -> ResponseReturnValue:
    """The files so far and the form for another; what is sent is looked through, and nothing of it is stored."""
    form = OfflineFileForm()
    if request.method == "GET":
        return _list_page(form)
    if not form.validate():
        return _list_page(form), 422
    try:
        looked = files.look_through(db.session(), current_campaign().id, form.content, _rules(form.method.data))
    except _REFUSALS as error:
        form.file.errors = [_problem(error)]
        return _list_page(form), 422
    return _looked_page(form, looked)


def _list_page(form: OfflineFileForm) -> str:
    stored = files.list_files(db.session(), current_campaign().id)
    return render_template("admin/offline_files.html", form=form, files=stored, most_rows=MOST_ROWS)


def _looked_page(form: OfflineFileForm, looked: Looked) -> str:
    store = OfflineStoreForm(formdata=None)
    store.content.data = base64.b64encode(form.content).decode()
    store.file_name.data, store.method.data = form.file_name, form.method.data
    context: dict[str, Any] = {
        "form": store,
        "good": looked.good,
        "sums": files.sums(looked.good),
        "rows": [one.fields for one in looked.good[:ROWS_SHOWN]],
        "findings": [(finding.line, finding_sentence(finding)) for finding in looked.findings[:FINDINGS_SHOWN]],
        "left_out": len({finding.line for finding in looked.findings}),
        "more_findings": max(0, len(looked.findings) - FINDINGS_SHOWN),
        "ignored": looked.ignored,
    }
    return render_template("admin/offline_file.html", **context)


@bp.post("/campaigns/<slug>/offline/files/store")
@takes_long_field(MOST_BYTES * 3 // 2)  # what Base64 makes of it
def offline_files_store(slug: str) -> ResponseReturnValue:
    """Enter the good rows of a file that was looked through; it is looked through once more."""
    sent = OfflineStoreForm()
    try:
        content = base64.b64decode(sent.content.data or "", validate=True)
    except binascii.Error:
        abort(422, _("Bring the file again."))
    try:
        with transaction() as session:
            number = files.store_file(
                session, current_campaign(), content[: MOST_BYTES + 1], _rules(sent.method.data or ""),
                hash_key=current_settings().hash_key, file_name=_file_name(sent.file_name.data or ""), actor=actor(),
                now=clock.now(),
            )  # fmt: skip
    except _REFUSALS as error:
        form = OfflineFileForm(formdata=None)
        form.file.errors = [_problem(error)]
        return _list_page(form), 409
    flash(ngettext("%(num)s gift was entered.", "%(num)s gifts were entered.", number), "success")
    return redirect(url_for("admin.offline_gifts", slug=slug), 303)


@bp.post("/campaigns/<slug>/offline/files/<public_id>/take-back")
def offline_files_take_back(slug: str, public_id: str) -> ResponseReturnValue:
    """Void every gift of a file, with a reason."""
    reason = request.form.get("reason", "").strip()
    if not 0 < len(reason) <= 500:
        abort(422, _("Write why the file is taken back, in at most 500 characters."))
    with transaction() as session:
        number = files.take_back_file(
            session, current_campaign().id, public_id, reason=reason, actor=actor(), now=clock.now()
        )
    flash(ngettext("%(num)s gift no longer counts.", "%(num)s gifts no longer count.", number), "success")
    return redirect(url_for("admin.offline_files", slug=slug), 303)
