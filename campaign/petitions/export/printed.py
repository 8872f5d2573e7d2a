"""PDF: the list as a table on A4, names in any script."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.campaigns.models import Campaign
from campaign.core import clock
from campaign.core.bulk import read_chunks
from campaign.core.errors import DomainError
from campaign.core.lists.writing import Listing, Progress
from campaign.core.palette import INK2
from campaign.core.paper import MARGIN, Paper, Style
from campaign.core.paper_lines import Lines

# The whole document is in memory until it is written: 100 MB for so many rows.
MOST_ROWS = 100_000
_SIZE, _ROW, _LINE, _TOP, _BOTTOM = 8.0, 4.7, 3.4, 34.0, 18.0
# A row of more lines than these may begin on one page and end on the next.
_MOST_TOGETHER = 30
_WEIGHTS = {
    "name": 5, "country": 1.6, "signed_at": 3.7, "confirmed_at": 3.7, "show_name": 1.8, "source": 4, "origin": 1.8,
    "demand_version": 1.6, "comment": 7, "email": 6, "postcode": 2,
}  # fmt: skip
_LANDSCAPE_FROM = 17.0
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class TooManyRows(DomainError):
    """More rows than a PDF holds."""


def write_pdf(
    session: Session, selection: Listing, output: BinaryIO, progress: Progress, *, style: Style,
    most_rows: int = MOST_ROWS,
) -> int:  # fmt: skip
    """Write the list; gives the number of rows. What is too long for its column goes on below. Raises TooManyRows."""
    if (session.scalar(selection.count()) or 0) > most_rows:
        raise TooManyRows("A PDF holds 100,000 rows.")
    title = session.scalar(select(Campaign.title).where(Campaign.id == selection.campaign_id)) or ""
    weights = [_WEIGHTS[name] for name in selection.columns]
    now = clock.now()
    with Paper(title, style, now=now, landscape=sum(weights) >= _LANDSCAPE_FROM) as paper:
        moment = {"date": style.formats.date(now), "time": style.formats.time(now)}
        paper.foot = f"{title} · {style.gettext('as of %(time)s on %(date)s') % moment}"
        count = _put_table(paper, title, selection, read_chunks(session, selection.values()), progress)
        paper.output(output)
    return count


def _put_table(
    paper: Paper, title: str, selection: Listing, chunks: Iterable[Sequence[tuple[Any, ...]]], progress: Progress
) -> int:
    weights = [_WEIGHTS[name] for name in selection.columns]
    share = (paper.w - 2 * MARGIN) / sum(weights)
    widths = [weight * share for weight in weights]
    convert = selection.plain()
    count, y = 0, _new_page(paper, title, selection.columns, widths)
    for rows in chunks:
        for row in map(convert, rows):
            cells = _cells(paper, row, widths)
            lines = max((len(cell.lines) for _, cell in cells), default=1)
            if y + (min(lines, _MOST_TOGETHER) - 1) * _LINE > paper.h - _BOTTOM:
                y = _new_page(paper, title, selection.columns, widths)
            for number in range(lines):
                if y > paper.h - _BOTTOM:
                    y = _new_page(paper, title, selection.columns, widths)
                for x, cell in cells:
                    if number < len(cell.lines):
                        paper.put_fitted(x, y, cell, number)
                y += _LINE
            y += _ROW - _LINE
        count += len(rows)
        progress(count)
    return count


def _new_page(paper: Paper, title: str, columns: list[str], widths: list[float]) -> float:
    """Title and names of the columns; gives where the first row stands."""
    paper.add_page()
    paper.put(MARGIN, 20, title, 11, width=paper.w - 2 * MARGIN, bold=True)
    _ = paper.style.gettext
    words = {
        "name": _("Name"), "country": _("Country"), "signed_at": _("Signed (UTC)"),
        "confirmed_at": _("Confirmed (UTC)"), "show_name": _("Public"), "source": _("Article"), "origin": _("Origin"),
        "demand_version": _("Wording"), "comment": _("Comment"), "email": _("Email"), "postcode": _("Postcode"),
    }  # fmt: skip
    x = MARGIN
    for name, width in zip(columns, widths, strict=True):
        heading = paper.fit(words[name], 7, width=width - 1, smallest=5.5)
        for number in range(len(heading.lines)):  # the last one just above the rule
            y = _TOP - 6 - (len(heading.lines) - 1 - number) * 2.6
            paper.put_fitted(x, y, heading, number, colour=INK2)
        x += width
    paper.rule(MARGIN, _TOP - 4.2, paper.w - 2 * MARGIN)
    return _TOP


def _cells(paper: Paper, row: list[Any], widths: list[float]) -> list[tuple[float, Lines]]:
    """What stands in a row: where each cell begins, and its lines."""
    found, x = [], MARGIN
    for value, width in zip(row, widths, strict=True):
        if value not in (None, ""):
            found.append((x, paper.fit(_shown(paper, value), _SIZE, width=width - 1.5)))
        x += width
    return found


def _shown(paper: Paper, value: Any) -> str:
    if isinstance(value, bool):
        return paper.style.gettext("yes") if value else paper.style.gettext("no")
    text = str(value)
    # To the minute: the seconds stand in the other formats.
    return f"{text[:10]} {text[11:16]}" if _TIME.fullmatch(text) else " ".join(text.split())
