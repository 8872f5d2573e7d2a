"""CSV that is downloaded. Every cell stands in quotes, not only those with a comma.

A spreadsheet that separates by semicolons (as in most of Europe) would otherwise make of `Bob;=1+1` two cells, the
second one a formula, though the text begins with none (OWASP: CSV injection).
"""

import csv
from typing import Any, Protocol


class Output(Protocol):
    """Where text goes."""

    def write(self, text: str, /) -> object: ...


def quoting_writer(output: Output, *, line_end: str = "\n") -> Any:
    """A writer of Python's csv that quotes every cell, as our COPY does (`core/bulk.py`)."""
    return csv.writer(output, quoting=csv.QUOTE_ALL, lineterminator=line_end)
