"""What is wrong with a row, or with a whole file, in words: the one place that has a sentence for each."""

from flask_babel import gettext as _

from campaign.core.csv_reading import FileProblem
from campaign.core.text import LONGEST_COMMENT, LONGEST_NAME, LONGEST_POSTCODE
from campaign.petitions.imports.columns import Column
from campaign.petitions.imports.rows import Finding, Kind

_LONGEST = {
    Column.NAME: LONGEST_NAME,
    Column.POSTCODE: LONGEST_POSTCODE,
    Column.COMMENT: LONGEST_COMMENT,
}


def finding_sentence(finding: Finding) -> str:
    """Why the row is left out."""
    if finding.kind is Kind.TWICE_IN_FILE and finding.other is not None:
        return str(_("The same address stands on line %(line)s.", line=finding.other))
    if finding.kind is Kind.TOO_LONG and finding.column in _LONGEST:
        longest = _LONGEST[Column(finding.column)]
        return str(_("%(column)s: longer than %(num)s characters.", column=finding.column, num=longest))
    if finding.kind in (Kind.UNREADABLE, Kind.CONTROL) and finding.column:
        return f"{finding.column}: {kind_sentence(finding.kind)}"
    return kind_sentence(finding.kind)


def kind_sentence(kind: Kind) -> str:
    """Why rows of this kind are left out."""
    sentences: dict[Kind, str] = {
        Kind.BROKEN: _("A quotation mark is not closed, or stands where none may."),
        Kind.COLUMNS: _("More or fewer columns than the first line has."),
        Kind.UNREADABLE: _("Bytes that are no letters in the file’s encoding."),
        Kind.CONTROL: _("Control characters."),
        Kind.TOO_LONG: _("Too long."),
        Kind.NO_CONSENT: _("No consent: the column says neither “yes” nor the like."),
        Kind.NO_NAME: _("No name."),
        Kind.NAME_LINES: _("The name goes over several lines."),
        Kind.NAME_SIGNS: _("The name is a link, an address or a formula."),
        Kind.NO_ADDRESS: _("No email address."),
        Kind.NO_AT: _("The email address has no @."),
        Kind.BAD_ADDRESS: _("No email address that can be written to."),
        Kind.NO_COUNTRY: _("No country."),
        Kind.UNKNOWN_COUNTRY: _("No country is called so; write a code like GB, or the English name."),
        Kind.BAD_DATE: _("No day; write 2026-03-12 or 12/03/2026, the day first."),
        Kind.FUTURE_DATE: _("A day that is still to come."),
        Kind.EARLY_DATE: _("A day more than two years before the campaign was published: a mistyped year?"),
        Kind.TWICE_IN_FILE: _("The same address stands further up in the file."),
        Kind.THERE_ALREADY: _("This address has signed here already."),
        Kind.WITHDRAWN: _("This address has signed here, and asked us to take the signature out."),
        Kind.BLOCKED: _("This address or its domain is on the list of blocked ones."),
    }
    return sentences[kind]


def error_sentence(error: str) -> str:
    """Why an import failed, from what it keeps of that: a problem of the file, or the name of a fault of ours."""
    name, *columns = error.split(":")
    if name not in set(FileProblem):
        return str(_("Something went wrong on our side (%(name)s). Try again.", name=name))
    return file_sentence(FileProblem(name), tuple(columns))


def file_sentence(problem: FileProblem, columns: tuple[str, ...] = ()) -> str:
    """Why nothing of the file can be read."""
    named = ", ".join(columns)
    sentences: dict[FileProblem, str] = {
        FileProblem.EMPTY: _("The file is empty."),
        FileProblem.SPREADSHEET: _("This is a spreadsheet. Save it as CSV (UTF-8), and bring that."),
        FileProblem.NOT_TEXT: _("The file is not text that can be read. Save it as CSV (UTF-8)."),
        FileProblem.COLUMNS_MISSING: _("The first line must name the columns; missing: %(columns)s.", columns=named),
        FileProblem.COLUMN_TWICE: _("Two columns mean the same: %(columns)s. Keep one.", columns=named),
    }
    return sentences[problem]
