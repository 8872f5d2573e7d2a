"""The list of names: three columns, name and country, in any script."""

from collections.abc import Iterator

from campaign.core.lists.writing import Progress
from campaign.core.palette import INK2
from campaign.core.paper import MARGIN, Paper

Name = tuple[str, str]
# A document is in memory until it is written: 100 MB for so many names. More names go into further volumes.
MOST_NAMES = 100_000
_COLUMNS, _SIZE, _ROW, _TOP, _BOTTOM, _GAP = 3, 9.0, 4.7, 38.0, 20.0, 6.0


def write_names(paper: Paper, title: str, names: Iterator[Name], *, most: int, progress: Progress) -> int:
    """Pages with the next names, `most` of them at most; gives how many. Writes no page where there is none."""
    width = (paper.w - 2 * MARGIN - _GAP * (_COLUMNS - 1)) / _COLUMNS
    rows = int((paper.h - _TOP - _BOTTOM) / _ROW)
    count = 0
    while count < most and (entry := next(names, None)) is not None:
        place = count % (rows * _COLUMNS)
        if place == 0:
            _new_page(paper, title)
        column, row = divmod(place, rows)
        x, y = MARGIN + column * (width + _GAP), _TOP + row * _ROW
        name, country = entry
        paper.put(x, y, name, _SIZE, width=width - 7)
        paper.put(x + width - 6, y, country, 7, width=6, colour=INK2, align="R")
        count += 1
        if count % 500 == 0:
            progress(count)
    return count


def _new_page(paper: Paper, title: str) -> None:
    paper.add_page()
    paper.heading(MARGIN, 18, title, 15, width=paper.w - 2 * MARGIN)
    paper.rule(MARGIN, _TOP - 7, paper.w - 2 * MARGIN)
