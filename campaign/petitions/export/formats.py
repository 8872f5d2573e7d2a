"""The formats of a list, each with what writes it."""

from typing import BinaryIO, Protocol

from sqlalchemy.orm import Session

from campaign.petitions.export.selection import Selection
from campaign.petitions.export.sheets import write_xlsx
from campaign.petitions.export.tables import write_csv, write_json
from campaign.petitions.export.writing import Progress
from campaign.petitions.models import ExportFormat


class Writer(Protocol):
    """Writes the selected rows, tells how far it is, and gives how many there were."""

    def __call__(self, session: Session, selection: Selection, output: BinaryIO, progress: Progress) -> int: ...


WRITERS: dict[ExportFormat, Writer] = {
    ExportFormat.CSV: write_csv,
    ExportFormat.XLSX: write_xlsx,
    ExportFormat.JSON: write_json,
}
