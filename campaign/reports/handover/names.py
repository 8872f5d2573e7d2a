"""The list of names: three columns, name and country, in any script."""

from collections.abc import Iterator

from campaign.core.lists.writing import Progress
from campaign.core.palette import INK2
from campaign.core.paper import MARGIN, Paper

Name = tuple[str, str]
# A document is in memory until it is written: 100 MB for so many names. More names go into further volumes.
MOST_NAMES = 100_000
_COLUMNS, _SIZE, _SMALLEST, _ROW, _LINE, _TOP, _BOTTOM, _GAP = 3, 9.0, 7.5, 4.7, 3.4, 38.0, 20.0, 6.0


def write_names(paper: Paper, title: str, names: Iterator[Name], *, most: int, progress: Progress) -> int:
    """Pages with the next names, `most` of them at most; gives how many. Writes no page where there is none.

    Nothing of a name is cut: a long one stands in smaller type, and on several lines where that is not enough.
    """
    width = (paper.w - 2 * MARGIN - _GAP * (_COLUMNS - 1)) / _COLUMNS
    count, column, y, end = 0, _COLUMNS, 0.0, paper.h - _BOTTOM
    while count < most and (entry := next(names, None)) is not None:
        name, country = entry
        fitted = paper.fit(name, _SIZE, width=width - 7, smallest=_SMALLEST)
        more = (len(fitted.lines) - 1) * _LINE
        if column == _COLUMNS or y + more > end:
            column, y = column + 1, _TOP
        if column >= _COLUMNS:
            _new_page(paper, title)
            column = 0
        x = MARGIN + column * (width + _GAP)
        for number in range(len(fitted.lines)):
            paper.put_fitted(x, y + number * _LINE, fitted, number)
        paper.put(x + width - 6, y, country, 7, width=6, colour=INK2, align="R")
        y += more + _ROW
        count += 1
        if count % 500 == 0:
            progress(count)
    return count


def _new_page(paper: Paper, title: str) -> None:
    paper.add_page()
    paper.heading(MARGIN, 18, title, 15, width=paper.w - 2 * MARGIN)
    paper.rule(MARGIN, _TOP - 7, paper.w - 2 * MARGIN)
