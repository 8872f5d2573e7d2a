"""The formats of a list, each with what writes it."""

from functools import partial
from typing import BinaryIO, Protocol

from sqlalchemy.orm import Session

from campaign.core.lists.sheets import write_xlsx
from campaign.core.lists.tables import write_csv, write_json
from campaign.core.lists.writing import Listing, Progress
from campaign.core.paper import Style
from campaign.petitions.export.printed import write_pdf
from campaign.petitions.models import ExportFormat


class Writer(Protocol):
    """Writes the selected rows, tells how far it is, and gives how many there were."""

    def __call__(self, session: Session, selection: Listing, output: BinaryIO, progress: Progress) -> int: ...


LISTS = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PDF, ExportFormat.JSON)


def writers(style: Style) -> dict[ExportFormat, Writer]:
    """What writes each format; `style` is for what is printed."""
    return {
        ExportFormat.CSV: write_csv,
        ExportFormat.XLSX: write_xlsx,
        ExportFormat.JSON: write_json,
        ExportFormat.PDF: partial(write_pdf, style=style),
    }
