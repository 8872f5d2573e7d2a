"""What every form has in common that asks for a list as a file: which columns, which kind of file, and why."""

from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, Field, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import Optional

from campaign.admin.forms import StaffForm
from campaign.core.http.fields import LineField
from campaign.petitions import export_jobs as jobs
from campaign.petitions.models import ExportFormat

FORMATS = {
    ExportFormat.CSV: "CSV (UTF-8)",
    ExportFormat.XLSX: "Excel (XLSX)",
    ExportFormat.PDF: "PDF",
    ExportFormat.JSON: "JSON",
}
_DAY_HELP = lazy_gettext("Enter a day, like 2026-03-12.")


def day_field() -> DateField:
    """A day, or none."""
    return DateField(validators=[Optional()], invalid_value_message=_DAY_HELP)


class ListForm(StaffForm):
    """Which columns, and why. A list says what there is to choose from."""

    formats: ClassVar[tuple[ExportFormat, ...]]
    usual: ClassVar[tuple[str, ...]]
    further: ClassVar[tuple[str, ...]]

    format = SelectField(validate_choice=False, default=ExportFormat.CSV.value)
    source = LineField(longest=200)
    columns = SelectMultipleField(validate_choice=False)
    include_addresses = BooleanField()
    reason = LineField(longest=500)

    def __init__(self) -> None:
        super().__init__(data={"columns": list(self.usual)})
        self.format.choices = [(kind.value, FORMATS[kind]) for kind in self.formats]

    def validate_format(self, field: Field) -> None:
        """Only formats that there are."""
        if field.data not in set(self.formats):
            raise ValidationError(_("Choose a file type from the list."))

    def validate_columns(self, field: Field) -> None:
        """Only columns of the list; nothing sent means the usual ones."""
        field.data = field.data or list(self.usual)
        if not set(field.data) <= {*self.usual, *self.further}:
            raise ValidationError(_("Choose columns from the list."))

    def validate_reason(self, field: Field) -> None:
        """A word at least that somebody else understands."""
        if len(field.data) < jobs.SHORTEST_REASON:
            raise ValidationError(_("Write what the list is for, like “Hand over to the Home Office”."))

    def midnight(self, day: date | None, days: int = 0) -> datetime | None:
        """The start of a day, or of one so many days later; days are the site's."""
        if day is None:
            return None
        return datetime.combine(day + timedelta(days=days), time(), tzinfo=self.meta.zone).astimezone(UTC)


def check_last_day(field: Field, first: Field) -> None:
    """Not before the first day."""
    if field.data and first.data and field.data < first.data:
        raise ValidationError(_("Choose a last day that is not before the first."))
