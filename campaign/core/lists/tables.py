"""CSV and JSON, written in flat memory."""

import io
import json
from typing import BinaryIO

from sqlalchemy.orm import Session

from campaign.core.bulk import CHUNK, copy_csv, is_postgresql, read_chunks
from campaign.core.csv_writing import quoting_writer
from campaign.core.lists.writing import Listing, Progress


def write_csv(session: Session, selection: Listing, output: BinaryIO, progress: Progress) -> int:
    """Write a line of names and the rows, in UTF-8; gives the number of rows. No cell is one that a spreadsheet runs,
    and each is in quotes.

    Lines end with a line feed, which is what PostgreSQL's COPY writes: both engines give the same bytes.
    """
    output.write((",".join(f'"{name}"' for name in selection.columns) + "\n").encode())
    if is_postgresql(session):
        return _copy(session, selection, output, progress)
    text = io.TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
    writer = quoting_writer(text)
    count = 0
    for rows in read_chunks(session, selection.cells()):
        writer.writerows(rows)
        count += len(rows)
        progress(count)
    text.detach()
    return count


def _copy(session: Session, selection: Listing, output: BinaryIO, progress: Progress) -> int:
    """How far it is, is told by lines: a comment may have several, so these are no rows."""
    lines, told = 0, 0

    def write(block: bytes) -> None:
        nonlocal lines, told
        output.write(block)
        lines += block.count(b"\n")
        if lines - told >= CHUNK:
            told = lines
            progress(lines)

    return copy_csv(session, selection.cells(), write)


def write_json(session: Session, selection: Listing, output: BinaryIO, progress: Progress) -> int:
    """Write an array of objects, one a line, in UTF-8; gives the number of rows."""
    names = selection.columns
    convert = selection.plain()
    encode = json.JSONEncoder(ensure_ascii=False).encode
    count = 0
    output.write(b"[")
    for rows in read_chunks(session, selection.values()):
        lines = [encode(dict(zip(names, convert(row), strict=True))) for row in rows]
        output.write(((",\n" if count else "\n") + ",\n".join(lines)).encode())
        count += len(rows)
        progress(count)
    output.write(b"\n]\n")
    return count
