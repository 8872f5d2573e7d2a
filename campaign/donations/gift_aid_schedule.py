"""The schedule of gifts that HMRC takes with a Gift Aid claim: a spreadsheet of values at fixed places.

Columns and limits: gov.uk, "Schedule spreadsheet to claim back tax on Gift Aid donations" (read November 2026). Where
the cells stand is what HMRC's own check of an attached file reads (github.com/hmrc/charities-claims-validation,
`GiftAidDonationRow`): the sheet's name, B25 to K1024 for the gifts, D13 for the earliest date, D17 for what was
claimed too much before. A file is no submission: somebody attaches it to a claim.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import IO

from odf.element import Element
from odf.number import DateStyle, Day, Month, Number, NumberStyle, Text, Year
from odf.opendocument import OpenDocument, OpenDocumentSpreadsheet
from odf.style import Style
from odf.table import Table, TableCell, TableRow
from odf.text import P

from campaign.core.money import to_main_units

SHEET = "R68GAD_V1_00_0_EN"
MOST_LINES = 1_000
CURRENCY = "GBP"
OVERSEAS = "X"
LONGEST_NAME, LONGEST_HOUSE = 35, 40
_EARLIEST_ROW, _OVERCLAIMED_ROW, _FIRST_ROW = 13, 17, 25
_TITLE = re.compile(r"[A-Za-z][A-Za-z'-]{1,3}", re.ASCII)
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}", re.ASCII)
# HMRC's check drops every other character, and a name may be left empty by it.
_TAKEN = re.compile(r"[\x20-\x7e\xa1-\xff]+")
_TITLES = re.compile(r"(?i)(mr|mrs|ms|miss|mx|dr|rev|prof|sir|lady|lord|dame)\.?", re.ASCII)


class Fault(StrEnum):
    """Why HMRC would not take a line; the staff's door has a sentence for each."""

    FIRST_NAME_MISSING = "first_name_missing"
    LAST_NAME_MISSING = "last_name_missing"
    NAME_LETTERS = "name_letters"
    NAME_LONG = "name_long"
    HOUSE_MISSING = "house_missing"
    HOUSE_LETTERS = "house_letters"
    HOUSE_LONG = "house_long"
    POSTCODE = "postcode"
    AMOUNT = "amount"


@dataclass(frozen=True)
class ScheduleLine:
    """One gift of one person; `amount_minor` in pence, `given_on` the day it arrived in the organisation's zone."""

    first_name: str
    last_name: str
    house: str
    postcode: str
    given_on: date
    amount_minor: int
    title: str = ""

    def faults(self) -> list[Fault]:
        """What HMRC would refuse in this line; empty where it is fit to be claimed."""
        name, longest = (self.first_name, self.last_name), max(len(self.first_name), len(self.last_name))
        found = {
            Fault.FIRST_NAME_MISSING: not self.first_name,
            Fault.LAST_NAME_MISSING: not self.last_name,
            Fault.NAME_LETTERS: any(part and not _TAKEN.fullmatch(part) for part in name),
            Fault.NAME_LONG: longest > LONGEST_NAME,
            Fault.HOUSE_MISSING: not self.house,
            Fault.HOUSE_LETTERS: bool(self.house) and not _TAKEN.fullmatch(self.house),
            Fault.HOUSE_LONG: len(self.house) > LONGEST_HOUSE,
            Fault.POSTCODE: self.postcode != OVERSEAS and not _POSTCODE.fullmatch(self.postcode),
            Fault.AMOUNT: self.amount_minor <= 0,
        }
        return [fault for fault, is_there in found.items() if is_there]


def split_name(name: str) -> tuple[str, str, str]:
    """Title, first name and last name of a name as typed; hyphens in the last name become spaces, as HMRC asks.

    The last word is the last name. What cannot be told apart is left empty, for a person to complete.
    """
    words = name.split()
    title = ""
    if len(words) > 1 and _TITLES.fullmatch(words[0]):
        title = words.pop(0).rstrip(".")
        title = title if _TITLE.fullmatch(title) else ""
    last = words.pop().replace("-", " ") if len(words) > 1 else ""
    return title, " ".join(words), last


def clean_postcode(typed: str) -> str:
    """A UK postcode in capitals with its space, whatever the spacing typed; other text comes back in capitals."""
    plain = re.sub(r"[^A-Z0-9]", "", typed.upper())
    spaced = f"{plain[:-3]} {plain[-3:]}"
    return spaced if _POSTCODE.fullmatch(spaced) else typed.strip().upper()


def is_postcode(typed: str) -> bool:
    """True for what is a UK postcode once its spacing and case are put right."""
    return _POSTCODE.fullmatch(clean_postcode(typed)) is not None


def write_schedule(lines: Sequence[ScheduleLine], *, overclaimed_minor: int = 0) -> OpenDocument:
    """The document for at most `MOST_LINES` lines, with what was claimed too much before, in pence of tax.

    Raises ValueError for more lines, and for one with faults: those are for a person to mend, not for HMRC to find.
    """
    if not 0 < len(lines) <= MOST_LINES or any(line.faults() for line in lines):
        raise ValueError("lines that HMRC would not take")
    return _document(lines, overclaimed_minor)


def save(document: OpenDocument, file: IO[bytes]) -> None:
    """Write the document as an .ods file."""
    document.write(file)


def _document(lines: Sequence[ScheduleLine], overclaimed_minor: int) -> OpenDocument:
    document = OpenDocumentSpreadsheet()
    cells = _Cells(document)
    table = Table(name=SHEET)
    document.spreadsheet.addElement(table)
    earliest = cells.date(min(line.given_on for line in lines))
    _add_row(table, [None, None, None, earliest], blank_before=_EARLIEST_ROW - 1)
    overclaimed = [None, None, None, cells.money(overclaimed_minor)] if overclaimed_minor else [None]
    _add_row(table, overclaimed, blank_before=_OVERCLAIMED_ROW - _EARLIEST_ROW - 1)
    for number, line in enumerate(lines, start=1):
        row = [
            None,
            cells.whole(number),
            *(cells.text(value) for value in (line.title, line.first_name, line.last_name, line.house, line.postcode)),
            None,  # aggregated donations
            None,  # sponsored event
            cells.date(line.given_on),
            cells.money(line.amount_minor),
        ]
        _add_row(table, row, blank_before=_FIRST_ROW - _OVERCLAIMED_ROW - 1 if number == 1 else 0)
    return document


def _add_row(table: Element, cells: Sequence[Element | None], *, blank_before: int) -> None:
    for _ in range(blank_before):
        blank = TableRow()
        blank.addElement(TableCell())
        table.addElement(blank)
    row = TableRow()
    for cell in cells:
        row.addElement(TableCell() if cell is None else cell)
    table.addElement(row)


class _Cells:
    """Cells of one document, with the two formats that HMRC reads: DD/MM/YY and two decimals."""

    def __init__(self, document: OpenDocument) -> None:
        day_month_year = DateStyle(name="DayMonthYear")
        for part in (Day(style="long"), Text(text="/"), Month(style="long"), Text(text="/"), Year()):
            day_month_year.addElement(part)
        two_decimals = NumberStyle(name="TwoDecimals")
        two_decimals.addElement(Number(decimalplaces=2, minintegerdigits=1))
        self._date = Style(name="Date", family="table-cell", datastylename=day_month_year)
        self._money = Style(name="Money", family="table-cell", datastylename=two_decimals)
        for style in (day_month_year, two_decimals, self._date, self._money):
            document.automaticstyles.addElement(style)

    def text(self, value: str) -> Element | None:
        return _filled(TableCell(valuetype="string"), value) if value else None

    def whole(self, value: int) -> Element:
        return _filled(TableCell(valuetype="float", value=value), str(value))

    def date(self, value: date) -> Element:
        cell = TableCell(valuetype="date", datevalue=value.isoformat(), stylename=self._date)
        return _filled(cell, value.strftime("%d/%m/%y"))

    def money(self, amount_minor: int) -> Element:
        amount: Decimal = to_main_units(amount_minor, CURRENCY)
        return _filled(TableCell(valuetype="float", value=str(amount), stylename=self._money), f"{amount:.2f}")


def _filled(cell: Element, shown: str) -> Element:
    cell.addElement(P(text=shown))
    return cell
