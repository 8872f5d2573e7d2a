"""Reading a CSV file in flat memory, whatever it holds.

Its encoding and delimiter are found out, a broken row costs itself alone, and each record knows the line it begins on.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

from charset_normalizer import from_bytes

from campaign.core.csv_columns import ColumnTwice, Header, Wanted
from campaign.core.errors import DomainError
from campaign.core.text import LONGEST_NAME

DELIMITERS = ",;\t|"
LONGEST_LINE = 64 * 1024
LONGEST_RECORD = 100  # lines: a comment may have some; a quote that is never closed would take the rest of the file
SAMPLE_LINES = 2_000
GLANCED, SHOWN = 200, 5
# What offices save files in beside UTF-8. Out of all encodings there are, short samples would pick curious ones.
ENCODINGS = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2", "koi8_r",
    "gb18030", "big5", "shift_jis", "euc_kr",
)  # fmt: skip
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# The day first: `12/03/2022` is the 12th of March.
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].{0,30})?", re.ASCII)
_ZIP = b"PK\x03\x04"  # what .xlsx and .ods begin with


class FileProblem(StrEnum):
    """Why a file cannot be read at all; the doors have a sentence for each."""

    EMPTY = "empty"
    SPREADSHEET = "spreadsheet"
    NOT_TEXT = "not_text"
    COLUMNS_MISSING = "columns_missing"
    COLUMN_TWICE = "column_twice"


class FileRefused(DomainError):
    """The file is none that can be imported; `columns` are those that it is about."""

    def __init__(self, problem: FileProblem, columns: tuple[str, ...] = ()) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.columns = columns


@dataclass(frozen=True)
class Shape:
    """How a file is written. `first_line` is the number of the line after the header."""

    encoding: str
    delimiter: str
    header: Header
    first_line: int


@dataclass(frozen=True)
class Record:
    """One row, and the line that it begins on; `cells` is None where quotes are broken or the row has no end."""

    line: int
    cells: list[str] | None

    def fit(self, header: Header) -> list[str] | None:
        """The cells, as many as there are columns; empty ones too many are no matter. None where it does not fit."""
        cells = self.cells or []
        while len(cells) > header.width and not cells[-1].strip():
            cells = cells[:-1]
        return cells if len(cells) == header.width else None


def look(file: Path | bytes, wanted: Wanted, encoding: str = "") -> Shape:
    """How the file is written; its encoding is found out where it is not given. Raises FileRefused."""
    encoding = encoding or _encoding(file)
    with _open(file, encoding) as text:
        lines = _Lines(text)
        try:
            heading = _first_written(lines)
            if heading.lower().startswith("sep=") and len(heading.strip()) == len("sep=;"):  # a hint for Excel
                heading = _first_written(lines)
        except csv.Error as error:
            raise FileRefused(FileProblem.NOT_TEXT) from error
        delimiter = _delimiter(heading)
        return Shape(encoding, delimiter, _header(heading, delimiter, wanted), lines.number + 1)


def _first_written(lines: "_Lines") -> str:
    for line in lines:
        lines.new_record()
        if line.strip():
            return line
    raise FileRefused(FileProblem.EMPTY)


def _header(heading: str, delimiter: str, wanted: Wanted) -> Header:
    try:
        header = wanted.read_header(next(csv.reader([heading], delimiter=delimiter)))
    except ColumnTwice as twice:
        raise FileRefused(FileProblem.COLUMN_TWICE, (twice.column,)) from twice
    if missing := wanted.missing(header.places):
        raise FileRefused(FileProblem.COLUMNS_MISSING, missing)
    return header


def records(file: Path | bytes, shape: Shape) -> Iterator[Record]:
    """The rows after the header, in order. Lines with nothing in them are none."""
    with _open(file, shape.encoding) as text:
        lines = _Lines(text)
        for _ in range(shape.first_line - 1):
            next(lines)
            lines.new_record()
        while (record := _next_record(lines, shape)) is not None:
            if record.cells is None or any(cell.strip() for cell in record.cells):
                yield record


def glance(path: Path, shape: Shape, column: str) -> list[str]:
    """A few cells of a column as they were read, those first that would look odd in a wrong encoding."""
    some = (record.cells for record in islice(records(path, shape), GLANCED))
    cells = [shape.header.read(row, column) for row in some if row and len(row) == shape.header.width]
    return [cell[:LONGEST_NAME] for cell in sorted(filter(None, cells), key=str.isascii)[:SHOWN]]


def _next_record(lines: "_Lines", shape: Shape) -> Record | None:
    lines.new_record()
    start = lines.number + 1
    try:
        cells = next(csv.reader(lines, delimiter=shape.delimiter, strict=True), None)
    except csv.Error:
        # Its first line is what is wrong. What a quote without an end has swallowed is looked at again.
        lines.give_back_all_but_first()
        return Record(start, None)
    return None if cells is None else Record(start, cells)


class _Lines:
    """The lines of a file, counted; those of the record under way can be given back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._taken) == LONGEST_RECORD:
            raise csv.Error("no end in sight")
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._taken.append(line)
        return line

    def _read(self) -> str:
        """A line; of one that is far too long the beginning, which is still longer than any row may be."""
        line = rest = self._file.readline(LONGEST_LINE)
        while len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = self._file.readline(LONGEST_LINE)
        return line if rest is line else line + "\n"

    def new_record(self) -> None:
        """A new record begins."""
        self._taken = []

    def give_back_all_but_first(self) -> None:
        """Only the first line of this record was one; the others come again."""
        self._again.extendleft(reversed(self._taken[1:]))
        self.number -= len(self._taken) - 1


def read_day(typed: str) -> date | None:
    """`2022-03-12`, also with a time after it, or `12/03/2022`, `12.3.2022`; None for anything else."""
    try:
        if match := _YEAR_FIRST.fullmatch(typed):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DAY_FIRST.fullmatch(typed):
            return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None
    return None


def is_unreadable(cell: str) -> bool:
    """True for a cell with bytes that are no letters in the file's encoding."""
    return "\ufffd" in cell


def has_control(cell: str) -> bool:
    """True for a cell with characters that no honest file has."""
    return _CONTROL.search(cell) is not None


def _bytes_of(file: Path | bytes) -> BinaryIO:
    return BytesIO(file) if isinstance(file, bytes) else file.open("rb")


def _open(file: Path | bytes, encoding: str) -> TextIO:
    # What cannot be decoded is marked by U+FFFD, and so costs its own row alone.
    return TextIOWrapper(_bytes_of(file), encoding=encoding, errors="replace", newline="")


def _delimiter(heading: str) -> str:
    try:
        return csv.Sniffer().sniff(heading.strip(), delimiters=DELIMITERS).delimiter
    except csv.Error:
        return DELIMITERS[0]


def _encoding(source: Path | bytes) -> str:
    """Found out from the lines that are not plain ASCII, the first ones in the file that are not."""
    with _bytes_of(source) as file:
        start = file.read(4)
        if start.startswith(_ZIP):
            raise FileRefused(FileProblem.SPREADSHEET)
        for mark, encoding in _MARKS.items():
            if start.startswith(mark):
                return encoding
        if start[1::2] == b"\x00\x00":  # Latin letters in UTF-16, without the mark that it should have
            return "utf-16-le"
        if start[0::2] == b"\x00\x00":
            return "utf-16-be"
        file.seek(0)
        telling: list[bytes] = []
        while len(telling) < SAMPLE_LINES and (line := file.readline(LONGEST_LINE)):
            if not line.isascii():
                telling.append(line)
    readable = sum(_is_utf8(line) for line in telling)
    # Hardly a line in an older encoding is UTF-8 by chance, so some broken lines do not make a file one of those.
    if readable * 2 >= len(telling):
        return "utf-8"
    best = from_bytes(b"".join(telling), cp_isolation=list(ENCODINGS)).best()
    if best is None:
        raise FileRefused(FileProblem.NOT_TEXT)
    return str(best.encoding)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
