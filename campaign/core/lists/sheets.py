"""XLSX in flat memory: rows go to a temporary file beside the output as they come."""

from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from sqlalchemy.orm import Session

from campaign.core.bulk import read_chunks
from campaign.core.lists.writing import Listing, Progress

# Excel's own limits (https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3).
MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767
_WIDTHS = {
    "name": 28,
    "country": 9,
    "show_name": 12,
    "demand_version": 16,
    "comment": 60,
    "email": 34,
    "origin": 10,
    "source": 34,
}


def write_xlsx(
    session: Session, selection: Listing, output: BinaryIO, progress: Progress, *, most_rows: int = MOST_ROWS
) -> int:
    """Write a workbook with the CSV's cells as text; gives the number of rows. Full sheets are followed by more.

    Nothing typed becomes a formula, a number or a link. The times are text in UTC, as in the other formats.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "use_zip64": True,
        "tmpdir": str(Path(output.name).parent),  # a name must not lie about in the machine's temporary folder
    }
    count = 0
    with xlsxwriter.Workbook(output, options) as book:
        heading = book.add_format({"bold": True})
        sheet, line = _new_sheet(book, selection.columns, heading), 1
        for rows in read_chunks(session, selection.cells()):
            for row in rows:
                if line == most_rows:
                    sheet, line = _new_sheet(book, selection.columns, heading), 1
                for place, value in enumerate(row):
                    if value not in (None, ""):
                        sheet.write_string(line, place, str(value)[:LONGEST_CELL])
                line += 1
            count += len(rows)
            progress(count)
    return count


def _new_sheet(book: Any, columns: list[str], heading: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(columns):
        sheet.set_column(place, place, _WIDTHS.get(name, 22))
        sheet.write_string(0, place, name, heading)
    return sheet
