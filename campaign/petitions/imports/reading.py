"""Reading a file of signatures: its encoding and delimiter found out, its rows one at a time, whatever its size."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from campaign.core.errors import DomainError

SAMPLE = 256 * 1024
DELIMITERS = ",;\t|"
NEEDED = ("name", "email", "consent")
KNOWN = (*NEEDED, "country", "postcode", "comment", "show_name", "signed_at")
# Undecodable bytes stay as lone surrogates, so that only their own row is left out.
_ERRORS = "surrogateescape"


class NotATable(DomainError):
    """The file cannot be read as rows, or a needed column is missing; the message says which."""


@dataclass(frozen=True)
class Layout:
    """How the file is written. `ignored` are columns that mean nothing here."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One row: the file's line on which it ends, and its fields by column; None where their number is wrong."""

    number: int
    fields: dict[str, str] | None


def read_layout(path: Path) -> Layout:
    """Find out how the file is written. Raises NotATable."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    encoding = _encoding(sample)
    head = sample.decode(encoding, _ERRORS).removeprefix("\ufeff").splitlines()
    if not head or not head[0].strip():
        raise NotATable("The file is empty, or its first line is.")
    delimiter = _delimiter(head[0])
    columns = tuple(name.strip().casefold() for name in next(csv.reader([head[0]], delimiter=delimiter)))
    if missing := [name for name in NEEDED if name not in columns]:
        raise NotATable(f"The first line does not name these columns: {', '.join(missing)}.")
    if len(set(columns)) < len(columns):
        raise NotATable("The first line names a column twice.")
    return Layout(encoding, delimiter, columns, tuple(name for name in columns if name not in KNOWN))


def _encoding(sample: bytes) -> str:
    """UTF-8 where most lines beyond ASCII are, else what the library takes it for."""
    lines = [line for line in sample.splitlines() if not line.isascii()]
    fine = sum(_is_utf8(line) for line in lines)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")) or fine * 2 < len(lines):
        best = from_bytes(sample).best()
        return best.encoding if best else "utf-8"
    return "utf-8"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(header: str) -> str:
    try:
        return csv.Sniffer().sniff(header, DELIMITERS).delimiter
    except csv.Error:
        return ","


def read_lines(path: Path, layout: Layout) -> Iterator[Line]:
    """The rows after the first, blank ones left out. A row that csv cannot read comes without fields."""
    with path.open(encoding=layout.encoding, errors=_ERRORS, newline="") as file:
        rows = csv.reader(file, delimiter=layout.delimiter)
        next(rows)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error:
                yield Line(rows.line_num, None)
                continue
            if not row:
                continue
            fits = len(row) == len(layout.columns)
            yield Line(rows.line_num, dict(zip(layout.columns, row, strict=True)) if fits else None)
